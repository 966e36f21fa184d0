import DaybookModel
import DaybookProtocol

extension Samples {
    /// Made once by HPKE for ``officeKey``'s sealing key: another lock each time would be another vector.
    static let lock = PersonalLock(
        capsule: bytes("9f6d10d33826cc2d23a47f6a8d06ac7880717e75e6c38f4f03a002b226cb4e67"),
        key: bytes("390b5b3076f8a94967c0d654d08c77021887d6d66a1ef8048f8fd61cbb730353"))

    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = Array(hex.utf8)
        return stride(from: 0, to: digits.count - 1, by: 2).map {
            UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0
        }
    }

    private static func signup(_ offset: Int64, _ name: String, _ phone: String?) -> Change {
        .birth(
            Birth(
                id: stamp(offset), collection: 8, scope: scope,
                fields: [
                    FieldValue(1, .integer(scope.rawValue)), FieldValue(3, .personal(name)),
                    FieldValue(6, .integer(personalKeys.hint(of: phone ?? "", in: scope))),
                ] + (phone.map { [FieldValue(4, .personal($0))] } ?? [])))
    }

    /// Two entries that name persons, one between them that does not.
    static func personalPosting() throws -> SealedPosting {
        let groups: [[Change]] = [
            [
                signup(6_000, "欧阳小明", "13800138000"), signups(1)[0].at(6_001),
                signup(6_002, "O'Neill", "+4915112345678"), signup(6_003, "", nil),
            ],
            [
                .removal(
                    Removal(
                        stamp: stamp(6_100), record: stamp(5), collection: 4, seen: [stamp(5)]))
            ],
            [
                .edit(
                    Edit(
                        stamp: stamp(6_200), record: stamp(20), collection: 4, field: 9,
                        value: .personal("王"), replaces: [stamp(20)])),
                .edit(
                    Edit(
                        stamp: stamp(6_201), record: stamp(21), collection: 4, field: 9,
                        value: nil, replaces: [stamp(21)])),
            ],
        ]
        let sealed = try groups.enumerated().map { index, changes in
            try SealedEntry(
                changes.enumerated().map { (place: $0.offset, change: $0.element) },
                under: lock, counter: index == 0 ? 300 : 301)
        }
        let plain = posting(4, groups)
        let told = Posting(
            incarnation: plain.incarnation, number: plain.number,
            previousHash: plain.previousHash, catalogue: plain.catalogue,
            entries: zip(plain.entries, sealed).map { entry, sealed in
                Entry(
                    number: entry.number, person: entry.person, clock: entry.clock,
                    changes: entry.changes.map(\.told), personalHash: sealed?.hash ?? [])
            })
        return try SealedPosting(
            told, key: key, personal: PersonalPart(capsule: lock.capsule, sealed))
    }

    /// The same in one box.
    private static func packed() throws -> Message {
        var reader = FrameReader()
        reader.append(try personalPosting().content().packed(under: lock))
        return try Message(reader.next()!)
    }

    static func personal() throws -> [(name: String, message: Message)] {
        var reader = FrameReader()
        reader.append(try personalPosting().frame)
        var welcome = Welcome(
            catalogue: 1, officeTime: clock.wall, run: 77, acknowledgedPosting: 0)
        welcome.terms = Terms(
            scopes: [stamp(2, node: 1), scope], personalDays: [scope: 30],
            keyName: try key.publicKey.name, reading: [scope: 0x0102_0304])
        var hello = Hello(
            catalogue: 1, incarnation: 5, clock: clock, held: nil,
            scopes: [scope: 4, stamp(2, node: 1): 4], gaining: [], lastPosting: 0,
            lastPostingName: [], wantsNode: false)
        hello.personalDays = [scope: 30]
        hello.reading = [scope: 0x0102_0304]
        return [
            ("posting-personal", try Message(reader.next()!)),
            ("posting-personal-packed", try packed()),
            ("feed-personal", try Message(try Message.feed(personalPage()).frame())),
            ("welcome-personal-days", .welcome(welcome)), ("hello-personal-days", .hello(hello)),
        ]
    }

    /// Two records of which one is told to the laptop, and heads that name persons.
    private static func personalPage() throws -> FeedPage {
        let records = [
            Record(
                id: stamp(40), collection: 4, scope: scope, by: nil, at: stamp(40).moment,
                fields: [
                    FieldValue(3, .personal("欧阳小明")), FieldValue(4, .personal("13800138000")),
                ],
                heads: [
                    FieldHeads(
                        tag: 3, shown: stamp(45), by: nil,
                        others: [.init(stamp: stamp(46), value: .personal("小明"), by: nil)])
                ]),
            Record(
                id: stamp(41), collection: 5, scope: scope, by: nil, at: stamp(41).moment,
                fields: [FieldValue(3, .personal("王"))]),
        ]
        return try FeedPage(
            scope: scope, run: 77, after: 4_700, through: 4_711,
            served: records.map { .init($0, sequence: 4_711) }, removed: []
        ).sealing(for: personalKeys, since: stamp(0).moment, of: [4])
    }
}

extension Change {
    /// The same birth under another name.
    fileprivate func at(_ offset: Int64) -> Change {
        guard case .birth(let birth) = self else { return self }
        return .birth(
            Birth(
                id: Samples.stamp(offset), collection: birth.collection, scope: birth.scope,
                fields: birth.fields))
    }
}
