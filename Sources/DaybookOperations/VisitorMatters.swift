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

    // MARK: - Sign-ups

    static let signups = MatterRule(
        "signups", kinds: [double, alike], watches: ["signup"],
        subjects: { signup, view in
            guard let event = signup[SignUp.event] else { return [] }
            var subjects: [[Value]] = []
            if let hint = signup[SignUp.phoneHint],
                try view.fold("signupsByHint", [event.value, .integer(hint)]) > 1
            {
                subjects.append([event.value, .integer(hint)])
            }
            // Only who can read a name can compare it.
            return try subjects
                + likenesses(of: signup, view).map { [max($0.id, signup.id).value] }
        },
        derive: { subject, view in
            guard let first = Stamp(subject[0]) else { return Derived() }
            guard subject.count > 1 else {
                return Derived(matters: try hints(at: first, view))
            }
            return Derived(
                matters: try visitors(subject, view).filter { $0.count > 1 }.map { same in
                    Matter(
                        double, about: same.map(\.id), scope: same[0].scope,
                        sides: same.map { .init($0.id, in: "signup") },
                        choices: [Self.same, different])
                })
        })

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
        let like = try view.records(in: "signup", where: "phone_hint", is: subject[1])
            .filter { $0[SignUp.event] == event }
        return groups(of: like)
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
        let named = try view.records(
            in: "signup", where: "name", is: .text(name), most: namesakesMax + 1)
        guard named.count <= namesakesMax else { return [] }
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

    static let gifts = MatterRule(
        "gifts", kinds: [twice], watches: ["gift", "signup", "settlement"],
        subjects: { record, view in
            switch record.collection {
            case Gift.definition.tag:
                guard let id = record[Gift.signup],
                    let signup = try view.record(id, in: "signup")
                else { return [] }
                return try subjects(of: signup, view)
            case SignUp.definition.tag: return try subjects(of: record, view)
            default:
                guard let key = try Settlement.key(of: record, view), key.kind == double.code,
                    let signup = try view.record(key.about[0], in: "signup")
                else { return [] }
                return try subjects(of: signup, view)
            }
        },
        derive: { subject, view in
            var matters: [Matter] = []
            for visitor in try visitors(subject, view) {
                let isOne = try visitor.count == 1 || !areDifferent(visitor, view)
                for signups in isOne ? [visitor] : visitor.map({ [$0] }) {
                    let gifts = try signups.flatMap {
                        try view.records(in: "gift", where: "signup", is: $0.id.value)
                    }.sorted { $0.id < $1.id }
                    if gifts.count > 1 { matters.append(given(gifts, to: signups)) }
                }
            }
            return Derived(matters: matters)
        })

    private static func subjects(of signup: Record, _ view: any BookView) throws -> [[Value]] {
        guard let event = signup[SignUp.event] else { return [] }
        let gifts = try view.fold("giftsBySignup", [signup.id.value])
        guard let hint = signup[SignUp.phoneHint] else {
            return gifts > 1 ? [[event.value, .text("signup"), signup.id.value]] : []
        }
        let alike = try view.fold("signupsByHint", [event.value, .integer(hint)])
        return gifts > 1 || alike > 1 ? [[event.value, .integer(hint)]] : []
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
