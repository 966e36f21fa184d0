import DaybookModel

/// One gift, one registration (一奖品一登记): who signed up twice, and who was given twice.
enum VisitorMatters {
    private static let duty = Rights.Holder.duties([.operations, .sales, .supervision])

    static let double = MatterKind(
        "doubleSignup", .attention, duty: duty, "One number signed up more than once", "同一号码重复登记",
        why: Label(
            "All sign-ups stay; until somebody says otherwise they are one person, and one counts.",
            "登记全部保留；未另行确认前视为同一人，只计一次。"))
    static let alike = MatterKind(
        "likeSignup", .information, duty: duty, "One name, numbers that differ in one digit",
        "同名且号码仅差一位",
        why: Label(
            "One of the numbers may be mistyped. A hint only: both count.", "可能有一个号码输错。仅为提示，两者都计入。")
    )
    static let twice = MatterKind(
        "giftTwice", .urgent, duty: duty, "More than one gift for one registration", "一次登记领取多份礼品",
        why: Label(
            "One gift, one registration. What was handed out stays recorded.", "一奖品一登记；已发放的记录保留。"))

    private static let same = MatterChoice(
        "same", "One person", "同一人",
        effect: Label(
            "They are one visitor: one counts. Every id stays valid.", "视为同一访客，只计一次；各编号均有效。"))
    private static let different = MatterChoice(
        "different", "Different people", "不同的人",
        effect: Label("Each counts.", "分别计入。"))

    // MARK: - The rule

    /// By what one visitor's sign-ups have in common, or by the later of two sign-ups that are alike.
    static let rule = MatterRule(
        "visitors", kinds: [double, alike, twice], watches: ["signup", "gift", "settlement"],
        subjects: { record, view in
            switch record.collection {
            case SignUp.definition.tag:
                // Only who can read a name can compare it.
                return try subjects(of: record, view)
                    + likenesses(of: record, view).map { [max($0.id, record.id).value] }
            case Gift.definition.tag:
                guard let id = record[Gift.signup],
                    let signup = try view.record(id, in: "signup")
                else { return [] }
                return try subjects(of: signup, view)
            default:
                guard let key = try Settlement.key(of: record, view), key.kind == double.code,
                    let signup = try view.record(key.about[0], in: "signup")
                else { return [] }
                return try subjects(of: signup, view)
            }
        },
        derive: { subject, view in
            guard subject.count > 1 else {
                return Derived(matters: try Stamp(subject[0]).map { try hints(at: $0, view) } ?? [])
            }
            let visitors = try visitors(subject, view)
            let doubles = visitors.filter { $0.count > 1 }
            return Derived(
                matters: doubles.map(twofold) + (try givenTwice(visitors, view)),
                figures: subject.count == 2
                    ? [.init("doublesByHint", subject, doubles.reduce(0) { $0 + Int64($1.count) })]
                    : [])
        })

    /// Where numbers cannot be read, hints that agree by chance look the same: then it says no more than that.
    private static func twofold(_ same: [Record]) -> Matter {
        let isHint = same[0].fields.value(SignUp.phone.tag)?.isSealed ?? true
        let remark = Matter.Remark(
            "Only a hint", "仅为提示",
            .word(Label("the numbers cannot be read here", "本机无法读取号码")))
        return Matter(
            double, about: same.map(\.id), scope: same[0].scope,
            grade: isHint ? .information : nil,
            sides: same.map { .init($0.id, in: "signup") }, remarks: isHint ? [remark] : [],
            choices: [Self.same, different])
    }

    private static func subjects(of signup: Record, _ view: any BookView) throws -> [[Value]] {
        guard signup[SignUp.event] != nil else { return [] }
        let gifts = try view.fold("giftsBySignup", [signup.id.value])
        guard let hint = signup[SignUp.phoneHint] else {
            return gifts > 1 ? [[signup.scope.value, .text("signup"), signup.id.value]] : []
        }
        let isTouched = try gifts > 1 || isShared(hint, by: signup, view)
        return isTouched ? [[signup.scope.value, .integer(hint)]] : []
    }

    /// Whether others at the event have the hint too: nothing is kept for the many that have one of their own.
    private static func isShared(
        _ hint: Int64, by signup: Record, _ view: any BookView
    ) throws -> Bool {
        try view.count(
            in: "signup", of: signup.scope, where: "phone_hint", is: .integer(hint), most: 2) > 1
    }

    /// The sign-ups of an event with one hint, by number where it can be read; those without one are alone.
    private static func visitors(
        _ subject: [Value], _ view: any BookView
    ) throws -> [[Record]] {
        let event = Stamp(subject[0])
        if subject.count > 2 {
            return try Stamp(subject[2]).flatMap { try view.record($0, in: "signup") }.map {
                [[$0]]
            } ?? []
        }
        guard let event else { return [] }
        let like = try view.records(in: "signup", of: event, where: "phone_hint", is: subject[1])
        return groups(of: like.filter { $0[SignUp.event] == event })
    }

    /// Those that are one person as far as this book can tell, by the first of each.
    static func groups(of signups: [Record]) -> [[Record]] {
        Dictionary(grouping: signups) { $0.fields.value(SignUp.phone.tag) }.values
            .map { $0.sorted { $0.id < $1.id } }.sorted { $0[0].id < $1[0].id }
    }

    /// Sign-ups of one number that somebody said are different people.
    static func areDifferent(_ same: [Record], _ view: any BookView) throws -> Bool {
        let key = MatterKey(kind: double.code, about: same.map(\.id))
        return try Settlement.holding(key, view).first?.choice == different.code
    }

    /// Of a name that so many have nobody can say who is who.
    private static let namesakesMax = 200

    /// Sign-ups at the event under the same name, whose number differs in one digit.
    private static func likenesses(
        of signup: Record, _ view: any BookView
    ) throws -> [Record] {
        guard case .personal(let name?)? = signup.fields.value(SignUp.name.tag),
            let phone = signup[SignUp.phone]?.description
        else { return [] }
        // A name that is on none but this one is on most: they are counted first.
        let namesakes = try view.count(
            in: "signup", of: signup.scope, where: "name", is: .text(name), most: namesakesMax + 1)
        guard namesakes > 1, namesakes <= namesakesMax else { return [] }
        let named = try view.records(
            in: "signup", of: signup.scope, where: "name", is: .text(name))
        return named.filter { other in
            guard other.id != signup.id, other[SignUp.event] == signup[SignUp.event],
                let theirs = other[SignUp.phone]?.description
            else { return false }
            return differsInOneDigit(phone, theirs)
        }
    }

    /// Pairs with an earlier sign-up.
    private static func hints(at id: Stamp, _ view: any BookView) throws -> [Matter] {
        guard let signup = try view.record(id, in: "signup") else { return [] }
        return try likenesses(of: signup, view).filter { $0.id < id }.map { other in
            Matter(
                alike, about: [other.id, id], scope: signup.scope,
                sides: [.init(other.id, in: "signup"), .init(id, in: "signup")],
                choices: [same, different])
        }
    }

    static func differsInOneDigit(_ one: String, _ other: String) -> Bool {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        return one.count == other.count && zip(one, other).filter { $0 != $1 }.count == 1
    }

    // MARK: - Gifts

    private static func givenTwice(
        _ visitors: [[Record]], _ view: any BookView
    ) throws -> [Matter] {
        var matters: [Matter] = []
        for visitor in visitors {
            let isOne = try visitor.count == 1 || !areDifferent(visitor, view)
            for signups in isOne ? [visitor] : visitor.map({ [$0] }) {
                let gifts = try signups.flatMap {
                    try view.records(in: "gift", where: "signup", is: $0.id.value)
                }.sorted { $0.id < $1.id }
                if gifts.count > 1 { matters.append(given(gifts, to: signups)) }
            }
        }
        return matters
    }

    private static func given(_ gifts: [Record], to signups: [Record]) -> Matter {
        Matter(
            twice, about: gifts.map(\.id), scope: gifts[0].scope,
            sides: gifts.map { .init($0.id, in: "gift") }
                + signups.map { .init($0.id, in: "signup") },
            remarks: [.init("Gifts", "礼品数", .number(Int64(gifts.count)))],
            choices: [
                MatterChoice(
                    "accept", "Let it be", "接受",
                    effect: Label("They stay given.", "视为正常发放。")),
                MatterChoice(
                    "recover", "Get it back", "追回",
                    effect: Label(
                        "It is noted that a gift is to be got back; record its return as a movement.",
                        "记为待追回；追回后请录入退库变动。")),
            ])
    }
}
