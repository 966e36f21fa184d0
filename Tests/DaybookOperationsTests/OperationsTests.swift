import DaybookModel
import DaybookOperations
import DaybookStorage
import Testing
import World

@Suite struct ActTests {
    /// A world whose event asks one required choice.
    func laptop() throws -> (World, Laptop) {
        let world = try World()
        _ = try world.office.write(person: nil, clock: world.officeClock.reading()) { writer in
            var question = Draft(Question.self)
            question[Question.event] = world.event
            question[Question.prompt] = "How?"
            question[Question.kind] = "choice"
            question[Question.choices] = "friend|wechat"
            question[Question.isRequired] = true
            return try writer.birth(question)
        }
        let laptop = try world.laptop("anna", person: "李娜", scopes: [world.north, world.event])
        try laptop.syncUntilQuiet()
        return (world, laptop)
    }

    func signUp(_ laptop: Laptop, _ answers: [(prompt: String, text: String)]) throws -> Stamp {
        try laptop.write {
            try Acts.signUp(
                $0, event: laptop.world.event, booth: "A", name: "王", phone: nil, answers: answers)
        }
    }

    @Test func `the event's own form is asked for before anything is written`() throws {
        let (_, anna) = try laptop()
        #expect(throws: Acts.Fault.answerMissing(question: "How?")) { try signUp(anna, []) }
        #expect(
            throws: Acts.Fault.answerNotAChoice(question: "How?", choices: ["friend", "wechat"])
        ) {
            try signUp(anna, [("How?", "radio")])
        }
        #expect(throws: Acts.Fault.answerOutsideForm(question: "Why?")) {
            try signUp(anna, [("How?", "friend"), ("Why?", "x")])
        }
        #expect(try !anna.book.hasUnanswered())
        let id = try signUp(anna, [("How?", "wechat")])
        let answers = try anna.read {
            try $0.records(in: "answer", where: "signup", is: id.value).map { $0[Answer.text] }
        }
        #expect(answers == ["wechat"])
    }

    @Test func `a sale is one entry: lines, total and stock together`() throws {
        let (world, anna) = try laptop()
        let sale = try anna.write {
            try Acts.sell(
                $0, store: world.north, lines: [.init(product: world.mug, quantity: 3)],
                payment: "cash")
        }
        let held = try anna.book.read { try $0.record(sale, in: "sale") }
        #expect(held?[Sale.total] == Amount(minor: 11_700, currency: Currency("CNY")!))
        let stock = try anna.book.read {
            try $0.fold("stockOnHand", [world.north.value, world.mug.value])
        }
        #expect(stock == -3)
        #expect(try anna.book.status().unanswered == 1)
    }

    @Test func `what a rule forbids is said at once, and nothing is written`() throws {
        let (world, anna) = try laptop()
        #expect(throws: ChangeFault.againstRule("priceIsNotNegative")) {
            try anna.write {
                try $0.edit(
                    world.mug, in: "product", field: "price",
                    to: .amount(Amount(minor: -1, currency: Currency("CNY")!)), settling: false)
            }
        }
        #expect(throws: ChangeFault.refused(.stageMovesByDecision)) {
            try anna.write {
                try $0.edit(
                    world.event, in: "event", field: "stage", to: .text("closed"), settling: false)
            }
        }
        for act in ["organisation", "staff", "event"] {
            #expect(throws: ChangeFault.refused(.notAllowed)) {
                try anna.write {
                    try $0.birth(
                        Draft(
                            collection: act,
                            fields: [FieldValue(1, .text("x")), FieldValue(2, .text("CNY"))]))
                }
            }
        }
        #expect(throws: ChangeFault.refused(.notAllowed)) {
            try anna.write { try $0.remove(world.mug, in: "product") }
        }
        #expect(throws: ChangeFault.refused(.notAllowed)) {
            try anna.write {
                try $0.birth(
                    Draft(collection: "store", fields: [FieldValue(1, .text("my own store"))]))
            }
        }
        #expect(try !anna.book.hasUnanswered())
    }

    @Test func `the figures tell doubles, gifts, disputes and who recorded what`() throws {
        let (world, anna) = try laptop()
        for booth in ["A", "B"] {
            let id = try anna.write {
                try Acts.signUp(
                    $0, event: world.event, booth: booth, name: "王",
                    phone: PhoneNumber("13800138000"),
                    answers: [("How?", "friend")])
            }
            try anna.write { try Acts.giveGift($0, signup: id, product: world.mug, from: nil) }
        }
        try anna.syncUntilQuiet()
        let tables = try world.office.read { try Figures.report.make($0, [:]) }
        let doubles = tables.first { $0.name == "doubleSignups" }
        #expect(doubles?.rows.count == 1)
        #expect(doubles?.rows.first?.last == .number(2))
        #expect(tables.first { $0.name == "gifts" }?.rows.first?[2] == .number(2))
        #expect(
            tables.first { $0.name == "recorded" }?.rows.contains { $0[0] == .text("anna") } == true
        )
    }
}
