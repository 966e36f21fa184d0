import DaybookWords

/// Who does what on the road-show day. The names are made up.
struct Play {
    struct LaptopRole: Sendable {
        let name: String
        let person: String
        let store: String
        let booth: String
        let visitors: ClosedRange<Int>
        let note: String
    }

    static let organisation = "晨光商贸"
    /// Everybody's, since nothing of it stays.
    static let pin = "lu-yan-2026"
    static let event = "五一路演"
    static let question = "怎么知道我们的"
    static let size = "尺码"

    /// Visitors 9 to 12 come to both booths.
    static let laptops = [
        LaptopRole(
            name: "laptop-1", person: "李娜", store: "北门店", booth: "入口", visitors: 1...12,
            note: "现场很受欢迎，建议加货"),
        LaptopRole(
            name: "laptop-2", person: "王伟", store: "南门店", booth: "主舞台", visitors: 9...22,
            note: "价格偏高，可做满减"),
    ]

    private static let surnames = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "欧阳"]
    private static let given = ["伟", "芳", "娜", "秀英", "敏", "静", "丽", "强", "磊", "军", "洋", "艳", "勇"]

    static func visitor(_ number: Int) -> (name: String, phone: String) {
        let name = surnames[number % surnames.count] + given[number * 7 % given.count]
        return (name, "138\(10_000_000 + number * 7_919)")
    }

    let demo: Demo
    let laptop: LaptopRole

    /// The same commands that a person would type.
    func writeOffline() async throws {
        let listed = try await demo.asLaptop(laptop.name, "list", "product", "--last", "10000")
        // Both laptops edit the same product: the first of the catalogue.
        let keys = listed.array
            .filter {
                $0["fields"]["made_up"].string.isEmpty && !$0["fields"]["price"].string.isEmpty
            }
            .map { $0["fields"]["key"].string }.sorted()
        guard keys.count >= 3 else { throw DemoFault.tooFewProducts }
        for key in keys.prefix(3) {
            try await act(
                "stock", "move", "--store", laptop.store, "--product", key, "--quantity", "30",
                "--kind", "receipt")
        }
        let gifts = try await signUps(gift: keys[0])
        let sales = try await sell(keys)
        try await count(keys, gifts: gifts)
        try await act(
            "loan", "out", "--event", Self.event, "--item", "X展架", "--quantity", "2",
            "--holder", laptop.person)
        try await act("edit", "product", keys[0], "note=\(laptop.note)")
        demo.say(
            Word.demoWrote.text(
                laptop.name, "\(laptop.visitors.count)", "\(gifts)", "\(sales)"))
    }

    private func signUps(gift: String) async throws -> Int {
        var gifts = 0
        for number in laptop.visitors {
            let visitor = Self.visitor(number)
            let signup = try await act(
                "signup", "add", "--event", Self.event, "--booth", laptop.booth, "--name",
                visitor.name, "--phone", visitor.phone, "--answer",
                "\(Self.question)=\(number.isMultiple(of: 2) ? "朋友介绍" : "微信")", "--answer",
                "\(Self.size)=\(36 + number % 8)")
            guard number.isMultiple(of: 3) else { continue }
            try await act(
                "gift", "give", "--signup", signup["id"].string, "--product", gift, "--store",
                laptop.store)
            gifts += 1
        }
        return gifts
    }

    private func sell(_ keys: [String]) async throws -> Int {
        let sales = 4
        for number in 1...sales {
            try await act(
                "sale", "add", keys[1], "\(keys[2])=\(number)", "--store", laptop.store,
                "--payment", number.isMultiple(of: 2) ? "wechat" : "cash")
        }
        return sales
    }

    /// The first product is all there; of the second one piece is missing.
    private func count(_ keys: [String], gifts: Int) async throws {
        let count = try await act("count", "start", "--store", laptop.store, "--place", "A1")
        let id = count["id"].string
        try await act("count", "line", id, keys[0], "\(30 - gifts)")
        try await act("count", "line", id, keys[1], "\(30 - 4 - 1)")
        try await act("count", "finish", id)
    }

    @discardableResult
    private func act(_ arguments: String...) async throws -> JSON {
        try await demo.programs.json(
            demo.programs.daybook, arguments + ["--book", demo.book(laptop.name)])
    }
}

extension Demo {
    /// Head office's morning: stores, staff, catalogue, event, laptops. Returns the laptops' codes.
    func prepare(_ result: inout DemoResult, port: Int) async throws -> [String: String] {
        for laptop in Play.laptops {
            try await asOffice("store", "add", laptop.store)
            try await asOffice("staff", "add", laptop.person, "--unit", "sales")
        }
        try await asOffice("staff", "add", "张敏", "--rank", "manager")
        try await asOffice("staff", "add", "陈静", "--rank", "supervisor")
        say(Word.demoOffice.text(Play.organisation, "http://127.0.0.1:\(port)"))
        for file in options.products {
            result.products += try await asOffice("import", file, "--as", "shopify")["added"].int
        }
        if let baskets = options.baskets {
            let told = try await asOffice(
                "import", baskets, "--as", "baskets", "--month", "2026-04")
            result.basketsImported = told["added"].int
            result.products += told["madeUp"].int
        }
        say(
            Word.demoImported.text(
                "\(result.products)", "\(options.products.count)", "\(result.basketsImported)"))
        try await asOffice(
            "event", "open", Play.event, "--place", "人民广场", "--starts-on", "2026-05-01")
        try await asOffice(
            "event", "ask", Play.event, Play.question, "--kind", "choice", "--choices",
            "朋友介绍|微信|路过", "--required")
        try await asOffice("event", "ask", Play.event, Play.size, "--kind", "number")
        say(Word.demoEvent.text(Play.event, "2"))
        var codes: [String: String] = [:]
        for laptop in Play.laptops {
            let added = try await asOffice(
                "laptop", "add", laptop.name, "--person", laptop.person, "--scopes",
                laptop.store, Play.event)
            codes[laptop.name] = added["code"].string
        }
        return codes
    }
}
