import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Testing
import World

/// A posting whose personal part is not what was signed: nothing of it is recorded, and it is said.
@Suite struct PersonalPartTests {
    private let world: World
    private let anna: Laptop

    init() throws {
        world = try World()
        anna = try world.laptop("anna", person: "李娜", scopes: [world.event], seed: 3)
        try anna.syncUntilQuiet()
    }

    private func answer(_ frame: [UInt8]) throws -> PostingAnswer {
        let received = try ReceivedPosting(kept: frame)
        let known = try #require(try anna.known())
        return try world.office.record([
            IncomingPosting(
                laptop: known, received: received, sent: anna.clock.reading(),
                arrived: world.officeClock.reading().wall)
        ])[0]
    }

    private func isRefused(_ answer: PostingAnswer) -> Bool {
        guard case .failure(let refusal) = answer else { return false }
        return refusal.code == .personalWrong
    }

    @Test
    func `left out, another's, or of another entry: refused, and posted as it was it is taken`()
        throws
    {
        try anna.signUp("王小明")
        let first = try #require(try anna.book.postingsToSend(most: 1).first).content()
        try anna.signUp("李雷")
        let second = try #require(
            try anna.book.postingsToSend(after: 1, most: 1).first
        ).content()

        for personal in [nil, second.personal] {
            let forged = try SealedPosting(first.posting, key: anna.key, personal: personal)
            #expect(isRefused(try answer(forged.frame)))
        }
        #expect(try world.signUpNames() == [])

        try anna.syncUntilQuiet()
        #expect(try world.signUpNames() == ["李雷", "王小明"].sorted())
    }

    @Test func `every bit of it that turns over is noticed`() throws {
        try anna.signUp("王小明")
        let sealed = try #require(try anna.book.postingsToSend(most: 1).first).content()
        let wire = try #require(sealed.personal)
        for changed in wire.everyBitTurned() {
            let forged = try SealedPosting(sealed.posting, key: anna.key, personal: changed)
            #expect(isRefused(try answer(forged.frame)))
        }
        try anna.syncUntilQuiet()
        #expect(try world.signUpNames() == ["王小明"])
    }

    @Test func `a lock opens by its capsule, for its head office alone`() throws {
        let key = world.office.key
        let lock = try PersonalLock(for: key.sealingKey)

        #expect(try key.lock(of: lock.capsule) == lock)
        let other = OfficeKey(bytes: [UInt8](repeating: 9, count: OfficeKey.sizeBytes))
        #expect(try other.lock(of: lock.capsule) != lock)
        #expect(throws: MalformedBytes.personal) { try key.lock(of: []) }
    }

    @Test func `when somebody says so, it is taken without the names that do not open`() throws {
        try anna.signUp("王小明")
        try anna.signUp("李雷")
        let sealed = try #require(try anna.book.postingsToSend(most: 1).first).content()
        let wire = try #require(sealed.personal)
        // As it is kept, each entry has a box of its own: the first one is damaged.
        let plain = try anna.sealedAsKept()
        #expect(plain.personal?.boxes.count == 2 && wire.boxes.count == 1)
        let damaged = try #require(plain.personal?.everyBitTurned().first)
        let frame = try SealedPosting(sealed.posting, key: anna.key, personal: damaged).frame
        #expect(isRefused(try answer(frame)))

        try world.office.allowNameless("anna", undo: false)
        let verdicts = try answer(frame).get()

        #expect(verdicts.refused.isEmpty && verdicts.nameTaken.isEmpty)
        #expect(try world.signUpNames() == ["", "李雷"])
        #expect(try world.office.counts().matters == 1)
        // The same again is the same; whoever is erased is erased from it too.
        #expect(try answer(frame).get() == verdicts)
        let named = try world.office.read { view in
            var found: [Stamp] = []
            try view.forEach(in: "signup") { if $0[SignUp.name] == "李雷" { found.append($0.id) } }
            return found
        }
        _ = try world.office.erase(try #require(named.first), clock: world.officeClock.reading())
        #expect(try world.signUpNames() == ["", ""])
        // From then on as before.
        try world.office.allowNameless("anna", undo: true)
        try anna.signUp("韩梅梅")
        try anna.syncUntilQuiet()
        #expect(try world.signUpNames() == ["", "", "韩梅梅"])
    }

    @Test func `what is damaged in the book is sent as it is, though somebody has unlocked it`()
        throws
    {
        try anna.signUp("王小明")
        try anna.signUp("李雷")
        _ = try anna.book.postingsToSend(most: 1)
        let held = try anna.sealedAsKept()
        let damaged = try #require(held.personal?.everyBitTurned().first)
        try anna.keepFirst(
            try SealedPosting(held.posting, key: anna.key, personal: damaged).frame)

        let outcome = try anna.sync()

        guard case .refused(let refusal) = outcome.ending else {
            Issue.record("\(outcome.ending)")
            return
        }
        #expect(refusal.code == .personalWrong)
        try world.office.allowNameless("anna", undo: false)
        try anna.syncUntilQuiet()
        #expect(try world.signUpNames() == ["", "李雷"])
    }
}
