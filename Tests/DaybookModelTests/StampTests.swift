import DaybookModel
import Testing

@Suite struct StampTests {
    @Test func `the text form is 14 characters and reads back`() {
        for raw: Int64 in [1, 31, 1 << 21, 4_398_046_511_103 << 21 | 5, .max] {
            let stamp = Stamp(rawValue: raw)!
            #expect(stamp.description.utf8.count == 14)
            #expect(Stamp(text: stamp.description) == stamp)
            #expect(Stamp(text: stamp.description.lowercased()) == stamp)
        }
    }

    @Test func `every single wrong character is found`() {
        let text = Array(Stamp(rawValue: 1_234_567_890_123_456)!.description)
        for place in text.indices {
            for other in "0123456789ABCDEFGHJKMNPQRSTVWXYZ" where other != text[place] {
                var wrong = text
                wrong[place] = other
                #expect(Stamp(text: String(wrong)) == nil)
            }
        }
    }

    @Test func `a burst of a million stamps never repeats and never goes back`() throws {
        var clock = StampClock(node: 7)
        var last: Stamp?
        for _ in 0..<1_000_000 {
            let stamp = try clock.draw(wall: Moment(milliseconds: 1_777_600_000_000))
            if let last { #expect(stamp > last) }
            last = stamp
        }
    }

    @Test(arguments: [Int64.min, -1, 0, 1_735_689_600_000, 3_786_912_000_000, Int64.max])
    func `whatever the wall clock says, stamps go on`(wall: Int64) throws {
        var clock = StampClock(node: 1)
        let before = try clock.draw(wall: Moment(milliseconds: 1_777_600_000_000))
        let odd = try clock.draw(wall: Moment(milliseconds: wall))
        let after = try clock.draw(wall: Moment(milliseconds: 1_777_600_000_001))
        #expect(before < odd)
        #expect(odd < after)
    }

    @Test func `a clock at its end says so and draws nothing`() {
        var clock = StampClock(node: 1, last: Stamp.millisecondsMax)
        #expect(throws: StampsExhausted.self) { try clock.draw(wall: Moment(milliseconds: 0)) }
        #expect(clock.last == Stamp.millisecondsMax)
    }
}
