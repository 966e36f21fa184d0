import DaybookModel
import DaybookProtocol
import Foundation
import SwiftProtobuf

/// One message of each kind that a decoder must refuse, in a frame that is right.
enum InvalidMessages {
    /// The posting that names persons, said otherwise.
    private static func personal(_ change: (inout WirePosting) -> Void) throws -> [UInt8] {
        var sealed: WireSealedPosting = try sample("posting-personal")
        var posting = try WirePosting(serializedBytes: sealed.posting)
        change(&posting)
        sealed.posting = try posting.serializedBytes()
        return try framed(.posting, sealed)
    }

    private static func part(_ change: (inout WirePersonalPart) -> Void) throws -> [UInt8] {
        var sealed: WireSealedPosting = try sample("posting-personal")
        change(&sealed.personal)
        return try framed(.posting, sealed)
    }

    private static func days(_ change: (inout WireWelcome) -> Void) throws -> [UInt8] {
        var welcome: WireWelcome = try sample("welcome-personal-days")
        change(&welcome)
        return try framed(.welcome, welcome)
    }

    static func frames() throws -> [(name: String, frame: [UInt8])] {
        var hello: WireHello = try sample("hello")
        hello.lastPostingName = Data([1, 2, 3])
        var welcome: WireWelcome = try sample("welcome")
        welcome.node = 1 << 21
        var verdicts: WireVerdicts = try sample("verdicts")
        verdicts.atLessWallMs = Data([0, 2])
        var noScope: WireFeed = try sample("feed")
        noScope.scope = 0
        var noRecord: WireFeed = try sample("feed")
        noRecord.states[0].headIndex = Data([0, 18, 20])
        var moment: WireWholeMoment = try sample("moment")
        moment.digests.removeLast()
        var enrolled: WireEnrolled = try sample("enrolled")
        enrolled.organisation = 0
        var late: WireFeed = try sample("feed")
        late.states[0].sequence = Data([0, 1, 1])
        var backwards: WireFeed = try sample("feed")
        backwards.after = backwards.through + 1
        var range: WireCompare = try sample("compare")
        range.ranges[0].first = range.ranges[0].last + 1
        var parts: WireCompared = try sample("compared")
        parts.ranges[0].digest.removeLast()
        var leaf: WireCompared = try sample("compared")
        leaf.leaves[0].range.last = 2_097_153 << 1
        var bundle: WireBundle = try sample("bundle")
        bundle.proof.removeLast()
        var own: WireWelcome = try sample("welcome")
        own.node = 0
        return try [
            ("feed-sequence-before-page", try proven(.feed, late)),
            ("feed-ends-before-it-begins", try proven(.feed, backwards)),
            ("feed-without-proof-around-it", try framed(.feed, noScope)),
            ("returned-of-no-scope", try proven(.returned, noScope)),
            ("compare-range-backwards", try framed(.compare, range)),
            ("compared-short-digest", try framed(.compared, parts)),
            ("compared-leaf-outside", try framed(.compared, leaf)),
            ("bundle-short-proof", try framed(.bundle, bundle)),
            ("welcome-incarnation-without-node", try framed(.welcome, own)),
            ("hello-short-hash", try framed(.hello, hello)),
            ("welcome-node-too-large", try framed(.welcome, welcome)),
            ("verdicts-column-too-short", try proven(.verdicts, verdicts)),
            ("feed-of-no-scope", try proven(.feed, noScope)),
            ("feed-head-of-no-record", try proven(.feed, noRecord)),
            ("moment-short-digest", try framed(.moment, moment)),
            ("enrolled-of-no-organisation", try framed(.enrolled, enrolled)),
            ("posting-personal-short-hash", try personal { $0.personalHash = Data([1]) }),
            (
                "posting-personal-with-text",
                try personal { $0.births[0].fields[1].data = Data([0, 1, 0, 2, 0x61]) }
            ),
            ("posting-lock-without-boxes", try part { $0.count = 0 }),
            ("posting-boxes-overlap", try part { $0.entries = Data([0, 6, 2]) }),
            (
                "posting-erased",
                try part {
                    var kept = WireKeptPersonal()
                    kept.leaf = Data(repeating: 1, count: 32)
                    $0.kept = [kept]
                }
            ),
            ("posting-short-capsule", try part { $0.lock.removeLast() }),
            ("welcome-days-of-no-scope", try days { $0.terms.personalDays.append(1) }),
            // Field 2 (detail) and field 3 (code) with bytes that are no UTF-8; a varint that never ends.
            ("refusal-not-utf8", Frame(kind: .refusal, raw: [0x12, 1, 0xFF]).encoded()),
            ("enrol-not-utf8", Frame(kind: .enrol, raw: [0x1A, 1, 0xFF]).encoded()),
            ("done-varint-cut", Frame(kind: .done, raw: [0x08, 0x80]).encoded()),
        ] + order()
    }

    private static func order() throws -> [(name: String, frame: [UInt8])] {
        var crowd: WireWelcome = try sample("welcome-people")
        crowd.terms.people.reverse()
        var salt: WireWelcome = try sample("welcome-people")
        salt.terms.people[0].salt.removeLast()
        var silent: WireWelcome = try sample("welcome-people")
        silent.terms.silent.reverse()
        var within: WireFeed = try sample("feed")
        // Of one record -1 millisecond, of the other none.
        within.states[0].uncertaintyMs = Data([0, 1, 0])
        var twice: WireHello = try sample("hello-people")
        twice.scopes = [WireScopeCursor.with { $0.scope = 1 }]
        var nowhere: WireHello = try sample("hello-people")
        nowhere.clearHeld()
        var still: WireStill = try sample("still")
        still.name.removeLast()
        var disorder: WireWelcome = try sample("welcome-people")
        disorder.terms.scopes.reverse()
        disorder.terms.personalDays = []
        var collections: WireFeed = try sample("feed")
        collections.states.reverse()
        var rows: WireFeed = try sample("feed")
        // Two ids, the larger first.
        rows.states[0].id = Data([0, 4, 2])
        return [
            ("welcome-people-out-of-order", try framed(.welcome, crowd)),
            ("welcome-silent-out-of-order", try framed(.welcome, silent)),
            ("feed-less-than-sure", try proven(.feed, within)),
            ("hello-scopes-told-twice", try framed(.hello, twice)),
            ("hello-scopes-up-to-nothing", try framed(.hello, nowhere)),
            ("still-short-name", try framed(.still, still)),
            ("welcome-scopes-out-of-order", try framed(.welcome, disorder)),
            ("welcome-short-salt", try framed(.welcome, salt)),
            ("feed-collections-out-of-order", try proven(.feed, collections)),
            ("feed-ids-out-of-order", try proven(.feed, rows)),
        ]
    }

    private static func framed(_ kind: FrameKind, _ message: some SwiftProtobuf.Message) throws
        -> [UInt8]
    {
        Frame(kind: kind, raw: try message.serializedBytes()).encoded()
    }

    /// The sample's wire form, to be changed.
    private static func sample<Wire: SwiftProtobuf.Message>(_ name: String) throws -> Wire {
        let message = try Samples.valid().first { $0.name == name }!.message
        let raw = try message.frame().raw
        guard [.verdicts, .feed].contains(message.kind) else {
            return try Wire(serializedBytes: raw)
        }
        return try Wire(serializedBytes: try WireProven(serializedBytes: raw).content)
    }

    /// As head office says it, with a proof that nobody checks here.
    private static func proven(_ kind: FrameKind, _ message: some SwiftProtobuf.Message) throws
        -> [UInt8]
    {
        var wire = WireProven()
        wire.content = try message.serializedBytes()
        return try framed(kind, wire)
    }
}
