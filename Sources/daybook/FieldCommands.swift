import ArgumentParser
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookWords

// The commands of a day in the field: one entry each.

struct SignupGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .signupAbstract, name: "signup", [SignupAdd.self])
}

struct SignupAdd: DaybookCommand {
    static let configuration = CommandConfiguration.word(.signupAddAbstract, name: "add")
    @Option(help: ArgumentHelp(.eventHelp)) var event: String?
    @Option(help: ArgumentHelp(.boothHelp)) var booth: String?
    @Option(help: ArgumentHelp(.nameHelp)) var name: String
    @Option(help: ArgumentHelp(.phoneHelp)) var phone: String?
    @Option(help: ArgumentHelp(.noteHelp)) var note: String?
    @Option(help: ArgumentHelp(.answerHelp)) var answer: [String] = []
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let event = try open.id(event, orOnlyOneIn: "event")
        let number = try phone.map { text in
            guard let number = PhoneNumber(text) else {
                let label = SignUp.phone.definition.label.text()
                throw UsageFault(Word.faultField.text(label, Word.valuePhone.text()))
            }
            return number
        }
        let answers = try answer.map { text in
            guard let sign = text.firstIndex(of: "=") else {
                throw UsageFault(Word.usageAssignment.text(text))
            }
            return (prompt: String(text[..<sign]), text: String(text[text.index(after: sign)...]))
        }
        try output.wrote(
            try open.write {
                try Acts.signUp(
                    $0, event: event, booth: booth, name: name, phone: number, note: note,
                    answers: answers)
            }, in: open)
    }
}

struct GiftGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .giftAbstract, name: "gift", [GiftGive.self])
}

struct GiftGive: DaybookCommand {
    static let configuration = CommandConfiguration.word(.giftGiveAbstract, name: "give")
    @Option(help: ArgumentHelp(.signupHelp)) var signup: String
    @Option(help: ArgumentHelp(.productHelp)) var product: String
    @Option(help: ArgumentHelp(.quantityHelp)) var quantity: Int64 = 1
    @Option(help: ArgumentHelp(.storeHelp)) var store: String?
    @Flag(help: ArgumentHelp(.beyondShareHelp)) var beyondShare = false
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let signup = try open.id(signup, in: "signup")
        let product = try open.id(product, in: "product")
        let store = try open.optionalID(store, in: "store")
        try output.wrote(
            try open.write {
                try Acts.giveGift(
                    $0, signup: signup, product: product, quantity: quantity, from: store,
                    beyondShare: beyondShare)
            }, in: open)
    }
}

struct CountGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .countAbstract, name: "count", [CountStart.self, CountLineCommand.self, CountFinish.self])
}

struct CountStart: DaybookCommand {
    static let configuration = CommandConfiguration.word(.countStartAbstract, name: "start")
    @Option(help: ArgumentHelp(.storeHelp)) var store: String?
    @Option(help: ArgumentHelp(.placeHelp)) var place: String?
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        var draft = Draft(Count.self)
        draft[Count.store] = try open.id(store, orOnlyOneIn: "store")
        draft[Count.place] = place
        let id = try open.write { try $0.birth(draft) }
        output.say(Word.countBegun.text("\(id)"), json: ["id": "\(id)"])
    }
}

struct CountLineCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.countLineAbstract, name: "line")
    @Argument(help: ArgumentHelp(.countHelp)) var count: String
    @Argument(help: ArgumentHelp(.productHelp)) var product: String
    @Argument(help: ArgumentHelp(.quantityHelp)) var quantity: Int64
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        var draft = Draft(CountLine.self)
        draft[CountLine.count] = try open.id(count, in: "count")
        draft[CountLine.product] = try open.id(product, in: "product")
        draft[CountLine.quantity] = quantity
        try output.wrote(try open.write { try $0.birth(draft) }, in: open)
    }
}

struct CountFinish: DaybookCommand {
    static let configuration = CommandConfiguration.word(.countFinishAbstract, name: "finish")
    @Argument(help: ArgumentHelp(.countHelp)) var count: String
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let id = try open.id(count, in: "count")
        let now = open.surroundings.reading().wall
        try open.write {
            try $0.edit(
                id, in: "count", field: Count.finishedAt.name, to: now.value, settling: false)
        }
        output.say(Word.countEnded.text(), json: ["id": "\(id)"])
    }
}

struct StockGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .stockAbstract, name: "stock", [StockMove.self, StockShow.self, StockExplain.self])
}

struct StockMove: DaybookCommand {
    static let configuration = CommandConfiguration.word(.stockMoveAbstract, name: "move")
    @Option(help: ArgumentHelp(.storeHelp)) var store: String?
    @Option(help: ArgumentHelp(.productHelp)) var product: String
    @Option(parsing: .unconditional, help: ArgumentHelp(.quantityHelp)) var quantity: Int64
    @Option(help: ArgumentHelp(.movementKindHelp)) var kind: String
    @Option(help: ArgumentHelp(.eventHelp)) var event: String?
    @Option(help: ArgumentHelp(.noteHelp)) var note: String?
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        _ = try Movement.kind.definition.typed(kind, currency: nil)
        let store = try open.id(store, orOnlyOneIn: "store")
        let product = try open.id(product, in: "product")
        let event = try open.optionalID(event, in: "event")
        output.wrote(
            try open.write {
                try Acts.move(
                    $0, store: store, product: product, quantity: quantity, kind: kind,
                    event: event, note: note)
            })
    }
}

struct StockShow: DaybookCommand {
    static let configuration = CommandConfiguration.word(.stockShowAbstract, name: "show")
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        output.show(try open.read { try Figures.stock.make($0, [:]) }, silent: try open.silent())
    }
}

struct StockExplain: DaybookCommand {
    static let configuration = CommandConfiguration.word(.stockExplainAbstract, name: "explain")
    @Argument(help: ArgumentHelp(.storeHelp)) var store: String
    @Argument(help: ArgumentHelp(.productHelp)) var product: String
    @Option(help: ArgumentHelp(.explainAtHelp)) var at: String?
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        var options = [
            "store": "\(try open.id(store, in: "store"))",
            "product": "\(try open.id(product, in: "product"))",
        ]
        options["at"] = try moment(at)
        output.show(
            try open.read { try CountFigures.explain.make($0, options) },
            silent: try open.silent())
    }
}

struct LoanGroup: ParsableCommand {
    static let configuration = CommandConfiguration.word(
        .loanAbstract, name: "loan", [LoanOut.self, LoanBack.self])
}

/// What lending and taking back have in common.
struct LoanOptions: ParsableArguments {
    @Option(help: ArgumentHelp(.eventHelp)) var event: String?
    @Option(help: ArgumentHelp(.itemHelp)) var item: String
    @Option(help: ArgumentHelp(.quantityHelp)) var quantity: Int64 = 1
    @Option(help: ArgumentHelp(.holderHelp)) var holder: String?

    func write(in open: OpenBook, isBack: Bool, damage: String?) throws -> Stamp {
        let event = try open.id(event, orOnlyOneIn: "event")
        return try open.write {
            try Acts.lend(
                $0, event: event, item: item, quantity: quantity, isBack: isBack, holder: holder,
                damage: damage)
        }
    }
}

struct LoanOut: DaybookCommand {
    static let configuration = CommandConfiguration.word(.loanOutAbstract, name: "out")
    @OptionGroup var loan: LoanOptions
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        output.wrote(try loan.write(in: try book.open(), isBack: false, damage: nil))
    }
}

struct LoanBack: DaybookCommand {
    static let configuration = CommandConfiguration.word(.loanBackAbstract, name: "back")
    @OptionGroup var loan: LoanOptions
    @Option(help: ArgumentHelp(.damageHelp)) var damage: String?
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        output.wrote(try loan.write(in: try book.open(), isBack: true, damage: damage))
    }
}
