import DaybookModel
import DaybookOperations

extension Measure {
    /// Bytes on the line in bulk, heads of HTTP, signatures, receipts and sealed names included.
    static let wire = Measure(
        name: "wire", abstract: "bytes on the line per record, in bulk, up and down"
    ) { settings in
        let stage = try await Stage(stores: 40, events: 40)
        let scopes = stage.stores + stage.events
        let writer = try stage.laptop("writer", scopes: scopes, seed: 11)
        let reader = try stage.laptop("reader", scopes: scopes, seed: 12)
        try await writer.sync()
        try await reader.sync()
        _ = stage.bytes()
        var figures: [Figure] = []
        var input = Input(seed: 20_260_501)
        func measure(_ name: String, _ count: Int, atMost limit: Double) async throws {
            try await writer.sync()
            let up = stage.bytes()
            figures.append(
                Figure(
                    "wire", "\(name), up", Double(up.up + up.down) / Double(count), "B",
                    atMost: limit))
            try await reader.sync()
            let down = stage.bytes()
            figures.append(
                Figure(
                    "wire", "\(name), down", Double(down.up + down.down) / Double(count), "B",
                    atMost: limit))
        }

        for batch in stride(from: 0, to: settings.rows, by: 100) {
            try writer.write { entry in
                for _ in batch..<min(batch + 100, settings.rows) {
                    let one = input.visitor(events: stage.events.count, every: 77_760)
                    writer.clock.pass(milliseconds: one.after)
                    var draft = Draft(SignUp.self)
                    draft[SignUp.event] = stage.events[one.event]
                    draft[SignUp.name] = one.name
                    draft[SignUp.phone] = PhoneNumber(one.phone)
                    draft[SignUp.note] = one.note
                    _ = try entry.birth(draft)
                }
            }
        }
        try await measure("sign-up, entries of 100", settings.rows, atMost: 18)

        let singles = settings.rows / 10
        for _ in 0..<singles {
            let one = input.visitor(events: stage.events.count, every: 77_760)
            writer.clock.pass(milliseconds: one.after)
            try writer.write { entry in
                var draft = Draft(SignUp.self)
                draft[SignUp.event] = stage.events[one.event]
                draft[SignUp.name] = one.name
                draft[SignUp.phone] = PhoneNumber(one.phone)
                draft[SignUp.note] = one.note
                _ = try entry.birth(draft)
            }
        }
        try await measure("sign-up, entries of 1", singles, atMost: 18)

        let kinds = ["sale", "gift", "receipt", "transfer_in", "damage", "return"]
        for _ in 0..<settings.rows / 10 {
            writer.clock.pass(milliseconds: 1 + input.number(0..<155_000))
            try writer.write { entry in
                var draft = Draft(Movement.self)
                draft[Movement.store] = input.pick(stage.stores)
                draft[Movement.product] = input.pick(stage.products)
                draft[Movement.quantity] = input.number(-5..<0)
                draft[Movement.kind] = input.pick(kinds)
                draft[Movement.note] = input.number(0..<100) < 8 ? input.note() : nil
                _ = try entry.birth(draft)
            }
        }
        try await measure("stock movement", settings.rows / 10, atMost: 12)

        let counts = try stage.stores.map { store in
            try writer.write { entry in
                var draft = Draft(Count.self)
                draft[Count.store] = store
                return try entry.birth(draft)
            }
        }
        try await writer.sync()
        _ = stage.bytes()
        for _ in 0..<settings.rows / 10 {
            writer.clock.pass(milliseconds: 1 + input.number(0..<155_000))
            try writer.write { entry in
                var draft = Draft(CountLine.self)
                draft[CountLine.count] = input.pick(counts)
                draft[CountLine.product] = input.pick(stage.products)
                draft[CountLine.quantity] = input.number(0..<60)
                _ = try entry.birth(draft)
            }
        }
        try await measure("count line", settings.rows / 10, atMost: 12)

        let updates = settings.rows / 20
        for _ in 0..<updates {
            writer.clock.pass(milliseconds: 1 + input.number(0..<155_000))
            let product = input.pick(stage.products)
            try writer.write { entry in
                try entry.edit(
                    product, in: "product", field: "price",
                    to: .amount(
                        Amount(minor: 990 + input.number(0..<10) * 100, currency: Currency("CNY")!)),
                    settling: false)
            }
        }
        try await measure("update of a field", updates, atMost: 12)
        await stage.end()
        return figures
    }

    /// Whole exchanges of a day's work, and of none.
    static let exchange = Measure(
        name: "exchange", abstract: "bytes of ten sign-ups, and of an exchange with nothing to say"
    ) { _ in
        let stage = try await Stage()
        let laptop = try stage.laptop("laptop", scopes: stage.stores + stage.events, seed: 13)
        try await laptop.sync()
        var input = Input(seed: 7)
        var ten: [Double] = []
        var idle: [Double] = []
        for _ in 0..<5 {
            for _ in 0..<10 {
                let one = input.visitor(events: 1, every: 45_000)
                laptop.clock.pass(milliseconds: one.after)
                try laptop.write { entry in
                    _ = try Acts.signUp(
                        entry, event: stage.events[0], booth: nil, name: one.name,
                        phone: PhoneNumber(one.phone), note: one.note)
                }
            }
            _ = stage.bytes()
            try await laptop.sync()
            let some = stage.bytes()
            ten.append(Double(some.up + some.down))
            try await laptop.sync()
            let none = stage.bytes()
            idle.append(Double(none.up + none.down))
        }
        await stage.end()
        return [
            Figure("exchange", "ten sign-ups", ten.sorted()[2], "B", atMost: 800),
            Figure("exchange", "nothing to say", idle.sorted()[2], "B", atMost: 300),
        ]
    }
}
