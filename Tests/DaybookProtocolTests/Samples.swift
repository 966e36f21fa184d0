import DaybookModel
import DaybookProtocol

/// Messages of every kind, with the edges of every type: what the vectors are made of.
enum Samples {
    static func stamp(_ milliseconds: Int64, node: Int64 = 3) -> Stamp {
        Stamp(milliseconds: 42_000_000_000 + milliseconds, node: node)
    }

    static let clock = ClockReading(
        wall: Moment(milliseconds: 1_777_689_600_123), monotonicMilliseconds: 86_400_000,
        boot: 0xFEDC_BA98_7654_3210)

    static let scope = stamp(1, node: 1)

    // Because 32 bytes are a key.
    static let key = try! DeviceKey(bytes: [UInt8](repeating: 2, count: 32))
    static let personalKeys = try! officeKey.personalKeys(ofSecret: sha256([1]))
    static let officeKey = OfficeKey(bytes: [UInt8](repeating: 3, count: OfficeKey.sizeBytes))

    static func signups(_ count: Int64) -> [Change] {
        (0..<count).map { index in
            .birth(
                Birth(
                    id: stamp(1_000 + index * 3), collection: 8, scope: scope,
                    fields: [
                        FieldValue(1, .integer(scope.rawValue)),
                        FieldValue(2, .text(index.isMultiple(of: 2) ? "入口" : "主舞台")),
                        FieldValue(3, .text("王小\(index)")),
                        FieldValue(4, .text("1380013\(8_000 + index)")),
                    ] + (index == 1 ? [FieldValue(5, .text("需回电 🎁 שלום"))] : [])))
        }
    }

    static let edges: [Change] = [
        .birth(
            Birth(
                id: stamp(5_000), collection: 4, scope: scope,
                fields: [
                    FieldValue(1, .text("")), FieldValue(2, .integer(.min)),
                    FieldValue(3, .integer(.max)), FieldValue(4, .bytes([0, 255, 0])),
                    FieldValue(6, .amount(Amount(minor: -1, currency: Currency("CNY")!))),
                    FieldValue(65_536, .amount(Amount(minor: .max, currency: Currency("JPY")!))),
                ])),
        .edit(
            Edit(
                stamp: stamp(5_001), record: scope, collection: 4, field: 7, value: .text("改"),
                replaces: [scope, stamp(900, node: 9)])),
        .edit(
            Edit(
                stamp: stamp(5_002), record: stamp(5_000), collection: 4, field: 7, value: nil,
                replaces: [stamp(5_000)])),
        .edit(
            Edit(
                stamp: stamp(5_003), record: stamp(5_000), collection: 4, field: 7,
                value: .integer(-5), replaces: [stamp(5_002)])),
        .removal(
            Removal(
                stamp: stamp(5_004), record: stamp(5_000), collection: 4,
                seen: [stamp(5_000), stamp(5_003)])),
    ]

    static func posting(_ number: UInt64, _ groups: [[Change]]) -> Posting {
        Posting(
            incarnation: 0x0123_4567_89AB_CDEF, number: number,
            previousHash: number == 1 ? [] : [UInt8](repeating: 0xAB, count: 32), catalogue: 1,
            entries: groups.enumerated().map { index, changes in
                Entry(
                    number: Int64(index) + 1, person: index == 0 ? stamp(7, node: 1) : nil,
                    clock: ClockReading(
                        wall: clock.wall.adding(milliseconds: Int64(index) * 60_000),
                        monotonicMilliseconds: 5_000 + Int64(index) * 60_000, boot: clock.boot),
                    changes: changes)
            })
    }

    static func posting(_ posting: Posting) throws -> Message {
        var reader = FrameReader()
        reader.append(try SealedPosting(posting, key: key).frame)
        return try Message(reader.next()!)
    }

    static let page = FeedPage(
        scope: scope, run: 77, after: 4_700, through: 4_711,
        served: pageRecords.enumerated().map { .init($1, sequence: 4_711 - UInt64($0)) },
        removed: [
            .init(collection: 4, id: stamp(11), sequence: 4_701),
            .init(collection: 13, id: stamp(12), sequence: 4_702),
        ])

    private static let pageRecords: [Record] = [
        Record(
            id: stamp(10), collection: 4, scope: scope, by: nil, at: stamp(10).moment,
            fields: [FieldValue(1, .text("mug")), FieldValue(7, .text("B"))],
            heads: [
                FieldHeads(
                    tag: 7, shown: stamp(90, node: 8), by: stamp(7, node: 1),
                    others: [
                        .init(
                            stamp: stamp(91), value: .text("A"), by: stamp(8, node: 1),
                            time: stamp(91).moment.adding(milliseconds: -86_400_000)),
                        .init(stamp: stamp(92), value: nil, by: nil),
                    ], shownTime: stamp(90, node: 8).moment.adding(milliseconds: -5)),
                FieldHeads(tag: 8, shown: stamp(95), by: nil, others: []),
            ]),
        Record(
            id: stamp(20), collection: 4, scope: scope, by: stamp(7, node: 1),
            at: stamp(20).moment.adding(milliseconds: -3_600_000),
            uncertaintyMilliseconds: 5_000,
            fields: [FieldValue(1, .text("cup"))]),
        Record(
            id: stamp(30), collection: 999, scope: scope, by: stamp(7, node: 1),
            at: stamp(30).moment, fields: [FieldValue(12, .bytes([1, 2, 3]))]),
    ]

    static func valid() throws -> [(name: String, message: Message)] {
        try plain() + healing() + people() + personal()
    }

    private static func people() throws -> [(name: String, message: Message)] {
        let startCode = try SlowHash.making(
            "7KQ2M9X4TB", salt: [UInt8](repeating: 5, count: SlowHash.saltBytes))
        var told = Welcome(
            catalogue: 1, officeTime: clock.wall, run: 77, acknowledgedPosting: 0)
        let people = [
            LaptopPerson(
                stamp(7, node: 1),
                code: StartCode(
                    issued: clock.wall,
                    secret: startCode.hash, keys: try startCode.key.wrap(personalKeys))),
            LaptopPerson(stamp(8, node: 1), code: nil),
        ]
        let terms = Terms(
            scopes: [scope, stamp(9)], personalDays: [stamp(9): 3], people: people,
            silent: [
                SilentLaptop(name: "展台二号", since: clock.wall, scopes: [scope, stamp(9)]),
                SilentLaptop(
                    name: "booth 1", since: clock.wall.adding(milliseconds: -7_200_000),
                    scopes: [scope]),
            ], keyName: try key.publicKey.name, backupMark: 300, reading: [stamp(9): 77])
        told.terms = terms
        var nobody = told
        nobody.terms = Terms(scopes: [], isRetiring: true)
        nobody.safeToWipe = try officeKey.signed(
            WipeReceipt(
                organisation: scope, incarnation: 5, lastPosting: 0, hash: [], time: clock.wall)
        ).signature
        var heard = hello(held: nil, scopes: [:], last: 0)
        heard.isRetiring = true
        heard.termsName = terms.name
        heard.held = Cursor(run: 77, sequence: 4_711)
        heard.scopesName = terms.scopesName
        return [
            ("welcome-people", .welcome(told)), ("welcome-nobody", .welcome(nobody)),
            ("hello-people", .hello(heard)),
        ]
    }

    private static let digest = page.records.reduce(into: Digest()) { $0.add($1) }

    private static var revoked: Refusal {
        var refusal = Refusal(.revoked, detail: "展位一")
        refusal.keptPosting = 16
        return refusal
    }

    private static func verdicts() throws -> Verdicts {
        Verdicts(
            posting: 2, firstEntry: 11, corrections: [0, -5_000, 86_400_000],
            uncertainties: [0, 0, 60_000], sequence: 123_456,
            refused: [.init(entry: 12, stamp: stamp(5_001), reason: 6, detail: "价格")],
            nameTaken: [13], arrived: clock.wall,
            receipt: try officeKey.signed(
                Receipt(
                    organisation: scope, incarnation: 5, number: 2,
                    hash: [UInt8](repeating: 9, count: 32), arrived: clock.wall)
            ).signature)
    }

    private static func plain() throws -> [(name: String, message: Message)] {
        return [
            ("hello-first", .hello(hello(held: nil, scopes: [:], last: 0))),
            (
                "hello",
                .hello(
                    hello(
                        held: Cursor(run: .max, sequence: 99),
                        scopes: [scope: 99, stamp(2, node: 1): 0], last: 12))
            ),
            ("posting-ten-signups", try posting(posting(1, [signups(10)]))),
            ("posting-edges", try posting(posting(2, [signups(2), edges]))),
            ("posting-hundred", try posting(posting(3, (0..<1).map { _ in signups(100) }))),
            (
                "welcome",
                .welcome(
                    Welcome(
                        catalogue: 1, officeTime: clock.wall, run: 77, acknowledgedPosting: 2,
                        node: 2_097_151, base: 4_000, incarnation: 6))
            ),
            ("verdicts", .verdicts(try verdicts())),
            ("feed", .feed(page)),
            (
                "feed-nothing",
                .feed(
                    FeedPage(
                        scope: scope, run: 77, after: 1, through: 1, served: [], removed: []))
            ),
            (
                "moment",
                .moment(
                    WholeMoment(
                        cursor: Cursor(run: 77, sequence: 4_711), digestNames: [digest.name]))
            ),
            ("refusal", .refusal(Refusal(.busy, detail: "稍后", retryAfterMilliseconds: 1_500))),
            (
                "still",
                .still(
                    Still(
                        incarnation: 5, sequence: 4_711,
                        name: Still.name(
                            run: 77, sequence: 4_711, lastPosting: 2,
                            lastPostingHash: [UInt8](repeating: 9, count: 32),
                            termsName: Array("abc".utf8), digests: [scope: digest]),
                        wall: clock.wall))
            ),
            ("quiet", .quiet(clock.wall)),
            ("refusal-revoked", .refusal(revoked)),
            ("done", .done(more: false)),
            ("done-more", .done(more: true)),
            ("enrol", .enrol(try Enrol(code: "K7QF2M9XPD", catalogue: 1, key: key))),
            (
                "enrolled",
                .enrolled(
                    Enrolled(
                        organisation: scope, incarnation: 5, node: 17, laptop: "展位一",
                        secret: Array(0..<32), people: [stamp(7, node: 1)],
                        certificate: [1, 2, 3], officeKey: try officeKey.publicKey,
                        sealingKey: try officeKey.sealingKey))
            ),
        ]
    }

    private static func healing() throws -> [(name: String, message: Message)] {
        [
            (
                "hello-healing",
                .hello(
                    hello(
                        held: Cursor(run: 78, sequence: 99), scopes: [scope: 99], last: 12,
                        isHealing: true))
            ),
            ("returned", .returned(try ReturnedPage(kept: page.unproven()))),
            ("taken", .taken(Taken(count: 3, sequence: 5_000))),
            (
                "compare",
                .compare(
                    Compare(
                        scope: scope,
                        ranges: [.all, StampRange(first: stamp(1), last: stamp(50))!]))
            ),
            (
                "compared",
                .compared(
                    Compared(
                        scope: scope,
                        ranges: [
                            .init(
                                range: StampRange(first: stamp(31), last: stamp(99))!,
                                digest: digest)
                        ],
                        leaves: [
                            .init(
                                range: StampRange(first: stamp(1), last: stamp(30))!, page: page)
                        ]))
            ),
            (
                "bundle",
                .bundle(
                    Bundle(
                        incarnation: 5, isAnswer: true, proof: [UInt8](repeating: 3, count: 32),
                        bytes: 1_000))
            ),
            (
                "enrol-again",
                .enrol(Enrol(certificate: [1, 2, 3], catalogue: 1))
            ),
        ]
    }

    private static func hello(
        held: Cursor?, scopes: [Stamp: UInt64], last: UInt64, isHealing: Bool = false
    ) -> Hello {
        var hello = Hello(
            catalogue: 1, incarnation: 0x0123_4567_89AB_CDEF, clock: clock, held: held,
            scopes: scopes, gaining: Set(scopes.filter { $0.value == 0 }.keys), lastPosting: last,
            lastPostingName: last == 0 ? [] : [UInt8](repeating: 0xAB, count: 8),
            wantsNode: false)
        hello.isReturning = isHealing
        if isHealing, let next = try? DeviceKey(bytes: [UInt8](repeating: 4, count: 32)) {
            hello.keys = [try? key.change(to: next.publicKey)].compactMap { $0 }
        }
        hello.wantsIncarnation = isHealing
        hello.past = isHealing ? [Cursor(run: 77, sequence: 90), Cursor(run: 76, sequence: 5)] : []
        return hello
    }
}
