import DaybookModel
import Testing

@Suite struct ValueTests {
    @Test(arguments: [
        ("13800138000", "13800138000"), ("+86 138-0013-8000", "13800138000"),
        ("0086 13800138000", "13800138000"), ("１３８００１３８０００", "13800138000"),
        ("+44 20 7946 0958", "+442079460958"), ("（010）8888-7777", "01088887777"),
        // Found by the fuzzer: it read back as a number of another country.
        ("+86(-000-3800-8000", "+8600038008000"),
    ])
    func `a telephone number has one form`(typed: String, kept: String) {
        #expect(PhoneNumber(typed)?.description == kept)
        #expect(PhoneNumber(kept)?.description == kept)
    }

    @Test(arguments: ["", "abc", "12+3456789", "1234", "1234567890123456"])
    func `what is no telephone number is none`(typed: String) {
        #expect(PhoneNumber(typed) == nil)
    }

    @Test(
        arguments: [
            ("12.50", 1_250), ("12.5", 1_250), ("-3", -300), ("1,299.00", 129_900), (".5", 50),
            ("0", 0),
        ] as [(String, Int64)])
    func `amounts are read in minor units`(text: String, minor: Int64) {
        #expect(Amount(text: text, currency: Currency("CNY"))?.minor == minor)
    }

    @Test(arguments: ["", "-", ".", "1.234", "1e3", "12.50 YUAN", "9223372036854775807", "1 2 3"])
    func `what is no amount is none`(text: String) {
        #expect(Amount(text: text, currency: Currency("CNY")) == nil)
    }

    @Test func `an amount's own currency counts, with its own digits`() {
        #expect(
            Amount(text: "500 JPY", currency: Currency("CNY"))
                == Amount(minor: 500, currency: Currency("JPY")!))
        #expect(Amount(minor: -1_205, currency: Currency("CNY")!).text == "-12.05 CNY")
    }

    @Test(arguments: [
        "1970-01-01", "2000-02-29", "2026-05-01", "1969-12-31", "0001-01-01", "9999-12-31",
    ])
    func `days read back`(text: String) { #expect(Day(text: text)?.description == text) }

    @Test(arguments: ["2026-02-29", "2026-13-01", "2026-00-10", "26-1-1", "2026-05-01x"])
    func `days that no calendar has are none`(text: String) { #expect(Day(text: text) == nil) }

    @Test func `moments read back, in any zone`() {
        let moment = Moment(text: "2026-05-01T09:30:15.250Z")
        #expect(moment?.description == "2026-05-01T09:30:15.250Z")
        #expect(Moment(text: "2026-05-01T17:30:15.250+08:00") == moment)
        #expect(Moment(text: "1969-12-31T23:59Z")?.milliseconds == -60_000)
        #expect(Moment(text: "2026-05-01") == nil)
        #expect(Moment(text: "2026-05-01T25:00Z") == nil)
        #expect(!"\(Moment(milliseconds: .min)) \(Moment(milliseconds: .max))".isEmpty)
    }
}

@Suite struct HappeningTests {
    let received = Moment(milliseconds: 1_777_600_000_000)

    func reading(wall: Int64, monotonic: Int64, boot: UInt64 = 1) -> ClockReading {
        ClockReading(
            wall: received.adding(milliseconds: wall), monotonicMilliseconds: monotonic, boot: boot)
    }

    @Test func `a right clock is taken at its word`() {
        let happening = Happening(
            written: reading(wall: -60_000, monotonic: 0),
            sent: reading(wall: 0, monotonic: 60_000),
            received: received)
        #expect(happening.at == received.adding(milliseconds: -60_000))
        #expect(happening.uncertaintyMilliseconds == 0)
    }

    @Test(arguments: [-1_777_600_000_000, -86_400_000, 86_400_000, 2_000_000_000_000] as [Int64])
    func `within one boot a wall clock wrong by years changes nothing`(error: Int64) {
        let happening = Happening(
            written: reading(wall: error - 60_000, monotonic: 0),
            sent: reading(wall: error, monotonic: 60_000), received: received)
        #expect(happening.at == received.adding(milliseconds: -60_000))
    }

    @Test func `a clock set right meanwhile does not move what happened`() {
        let happening = Happening(
            written: reading(wall: -900_000_000, monotonic: 0),
            sent: reading(wall: 0, monotonic: 60_000), received: received)
        #expect(happening.at == received.adding(milliseconds: -60_000))
    }

    @Test func `across a boot only the wall is left, and it is said how unsure that is`() {
        let wrong: Int64 = 86_400_000
        let happening = Happening(
            written: reading(wall: wrong - 60_000, monotonic: 5, boot: 1),
            sent: reading(wall: wrong, monotonic: 9, boot: 2), received: received)
        #expect(happening.at == received.adding(milliseconds: -60_000))
        #expect(happening.uncertaintyMilliseconds == wrong)
    }

    @Test func `nothing happened in the future, and no clock overflows`() {
        for wall in [Int64.min, .max] {
            for boot: UInt64 in [1, 2] {
                let odd = ClockReading(
                    wall: Moment(milliseconds: wall), monotonicMilliseconds: .min, boot: 1)
                let sent = ClockReading(
                    wall: Moment(milliseconds: ~wall), monotonicMilliseconds: .max, boot: boot)
                let happening = Happening(written: odd, sent: sent, received: received)
                #expect(happening.at <= received)
                #expect(happening.uncertaintyMilliseconds >= 0)
            }
        }
    }
}
