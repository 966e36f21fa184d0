import DaybookAgent
import DaybookModel
import DaybookOperations
import DaybookProtocol

extension Measure {
    private static let tries = 400

    /// Whether the time of an answer tells how much of a code was right. Kinds take turns, so that whatever slows the
    /// machine slows all of them.
    static let codes = Measure(
        name: "codes", abstract: "the time in which wrong codes are refused, by how wrong they are"
    ) { _ in
        let stage = try await Stage()
        let now = stage.clock.reading().wall
        let right = "7KQ2M9X4TB"
        try stage.office.addLaptop(
            name: "waiting", people: [stage.person], scopes: stage.stores, code: right, now: now)
        _ = try stage.laptop("used", scopes: stage.stores, seed: 31)
        let link = try OfficeLink(
            office: stage.address, surroundings: stage.clock, environment: [:])
        let key = try DeviceKey(bytes: stage.clock.randomBytes(DeviceKey.sizeBytes))
        let kinds = [
            ("nothing right", "0000000000"), ("all but the last digit right", "7KQ2M9X4TC"),
            ("used by another key", "CODE-used"),
        ]
        var times = [[Double]](repeating: [], count: kinds.count)
        for _ in 0..<tries {
            for (index, kind) in kinds.enumerated() {
                let began = ContinuousClock.now
                do {
                    _ = try await link.enrol(code: kind.1, key: key, catalogue: 1)
                    throw BenchFault.unfinished("\(kind.0): let in")
                } catch let refusal as Refusal where refusal.code == .codeUnknown {
                    times[index].append((ContinuousClock.now - began) / .microseconds(1))
                }
            }
        }
        await link.shutdown()
        await stage.end()
        let floor = percentile(times[0], 0.5)
        return zip(kinds, times).dropFirst().map { kind, times in
            Figure(
                "codes", "a code with \(kind.0), p50", percentile(times, 0.5), "µs", floor: floor,
                atMost: 1.1)
        }
    }
}
