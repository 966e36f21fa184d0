import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation
import GRDB
import Testing
import World

/// Books that are copies, were put back, or share a node: nothing is lost, nothing is there twice.
@Suite struct CopiesTests {
    @Test func `two laptops that draw from one node keep everything, one under new names`() throws {
        let world = try World()
        let scopes = [world.event, world.north]
        let anna = try world.laptop("anna", person: "李娜", scopes: scopes, seed: 3)
        let ben = try world.laptop("ben", person: "王伟", scopes: scopes, seed: 4)
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()
        let node = try anna.book.pool.read { try Int64.fetchOne($0, sql: "SELECT node FROM _book") }
        try ben.book.pool.write {
            try $0.execute(sql: "UPDATE _book SET node = ?", arguments: [node])
        }
        let first = try anna.signUp("of anna")
        let second = try ben.signUp("of ben")
        try ben.write {
            try Acts.giveGift($0, signup: second, product: world.mug, from: world.north)
        }
        #expect(first == second)

        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()
        try anna.syncUntilQuiet()

        #expect(try world.signUpNames() == ["of anna", "of ben"])
        let now = try ben.book.currentName(of: second)
        #expect(now != second)
        let gift = try world.office.read {
            try $0.records(in: "gift", where: "signup", is: now.value)
        }
        #expect(gift.count == 1)
        let named = try world.office.read { try $0.record(now, in: "signup")?[SignUp.name] }
        #expect(named == "of ben")
        #expect(try ben.sync().differingScopes.isEmpty)
        #expect(try anna.sync().differingScopes.isEmpty)

        // From then on the old name means Anna's record, to Ben too.
        try ben.write {
            try Acts.giveGift($0, signup: first, product: world.mug, from: world.north)
        }
        try ben.syncUntilQuiet()
        let (ofAnna, ofBen) = try world.office.read { view in
            (
                try view.fold("giftsBySignup", [first.value]),
                try view.fold("giftsBySignup", [now.value])
            )
        }
        #expect(ofAnna == 1)
        #expect(ofBen == 1)
        #expect(try ben.sync().differingScopes.isEmpty)
    }

    @Test func `a record, edits of it and what names it are named anew in their order`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north], seed: 3)
        let ben = try world.laptop("ben", person: "王伟", scopes: [world.north], seed: 4)
        try anna.syncUntilQuiet()
        try ben.syncUntilQuiet()
        let node = try anna.book.pool.read { try Int64.fetchOne($0, sql: "SELECT node FROM _book") }
        try ben.book.pool.write {
            try $0.execute(sql: "UPDATE _book SET node = ?", arguments: [node])
        }
        func count(_ laptop: Laptop) throws -> Stamp {
            try laptop.write { writer in
                var draft = Draft(Count.self)
                draft[Count.store] = world.north
                return try writer.birth(draft)
            }
        }
        func edit(_ laptop: Laptop, _ count: Stamp, _ text: String) throws {
            try laptop.write {
                try $0.edit(count, in: "count", field: "note", to: .text(text), settling: false)
            }
        }
        for number in 0..<3 { try edit(anna, try count(anna), "of anna \(number)") }
        // One posting of Ben's, and another sealed after it and not yet sent.
        let mine = try count(ben)
        for text in ["first", "second", "third"] { try edit(ben, mine, text) }
        _ = try ben.book.postingsToSend(most: 1)
        try edit(ben, mine, "fourth")
        _ = try ben.book.postingsToSend(most: 16)
        try edit(ben, mine, "fifth")
        try anna.syncUntilQuiet()

        try ben.syncUntilQuiet()
        try anna.syncUntilQuiet()

        let now = try ben.book.currentName(of: mine)
        #expect(now != mine)
        for laptop in [anna, ben] {
            let shown = try laptop.book.read { try $0.record(now, in: "count") }
            #expect(shown?[Count.note] == "fifth")
        }
        let history = try world.office.read { try $0.history(of: now, field: Count.note.tag) }
        #expect(history.count == 6)
        #expect(try ben.book.readInbox().isEmpty)
        #expect(try !ben.book.hasUnanswered())
        for laptop in [anna, ben] { #expect(try laptop.sync().differingScopes.isEmpty) }
    }

    @Test func `a cloned disk: both go on, nothing is lost, nothing is there twice`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        try anna.syncUntilQuiet()
        _ = try anna.signUp("before, posted")
        try anna.syncUntilQuiet()
        _ = try anna.signUp("before, not posted")
        let clone = try anna.copy("clone")
        _ = try anna.signUp("by anna")
        world.pass(seconds: 60, anna)
        _ = try clone.signUp("by the clone")

        for laptop in [anna, clone, anna, clone] { try laptop.syncUntilQuiet() }

        #expect(
            try world.signUpNames() == [
                "before, not posted", "before, posted", "by anna", "by the clone",
            ])
        let incarnations = try [anna, clone].map { try $0.book.identity().incarnation }
        #expect(incarnations[0] != incarnations[1])
        for laptop in [anna, clone] { #expect(try laptop.sync().differingScopes.isEmpty) }
    }

    /// Each copy names the entry anew, and they must not know of each other: the names follow from the content.
    @Test func `copies whose names are taken name an entry alike, and it is there once`() throws {
        let world = try World()
        let scopes = [world.event, world.north]
        let anna = try world.laptop("anna", person: "李娜", scopes: scopes, seed: 3)
        let ben = try world.laptop("ben", person: "王伟", scopes: scopes, seed: 4)
        for laptop in [anna, ben] { try laptop.syncUntilQuiet() }
        let node = try anna.book.pool.read { try Int64.fetchOne($0, sql: "SELECT node FROM _book") }
        try ben.book.pool.write {
            try $0.execute(sql: "UPDATE _book SET node = ?", arguments: [node])
        }
        _ = try anna.signUp("of anna")
        let second = try ben.signUp("of ben")
        try ben.write {
            try Acts.giveGift($0, signup: second, product: world.mug, from: world.north)
        }
        let clone = try ben.copy("clone")
        try anna.syncUntilQuiet()
        world.pass(seconds: 3_600, ben)
        try ben.syncUntilQuiet()
        _ = try clone.signUp("by the clone")

        for laptop in [clone, ben, clone, anna] { try laptop.syncUntilQuiet() }

        #expect(try world.signUpNames() == ["by the clone", "of anna", "of ben"])
        let now = try [ben, clone].map { try $0.book.currentName(of: second) }
        #expect(now[0] == now[1] && now[0] != second)
        let gifts = try world.office.read {
            try $0.records(in: "gift", where: "signup", is: now[0].value)
        }
        #expect(gifts.count == 1)
        for laptop in [anna, ben, clone] {
            #expect(try !laptop.book.hasUnanswered())
            #expect(try laptop.sync().differingScopes.isEmpty)
        }
    }

    @Test func `a laptop restored from an older copy has everything again, and goes on`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        try anna.syncUntilQuiet()
        _ = try anna.signUp("first")
        let backup = try anna.copy("backup")
        _ = try anna.signUp("second")
        try anna.syncUntilQuiet()

        _ = try backup.signUp("third")
        try backup.syncUntilQuiet()

        #expect(try world.signUpNames() == ["first", "second", "third"])
        let shown = try backup.book.read { view in
            var count = 0
            try view.forEach(in: "signup") { _ in count += 1 }
            return count
        }
        #expect(shown == 3)
        #expect(try backup.sync().differingScopes.isEmpty)
    }

    /// The clone's posting has taken the number under which this book was answered by a head office that is no more.
    @Test func `restored, and a clone took the number: both are heard`() throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.event])
        try anna.syncUntilQuiet()
        let backup = world.folder.path + "/backup"
        _ = try world.office.backUp(to: backup)
        let clone = try anna.copy("clone")
        _ = try anna.signUp("of anna")
        try anna.syncUntilQuiet()
        world.pass(seconds: 60, anna)
        _ = try clone.signUp("of the clone")

        let restored = try OfficeStore.open(path: backup, catalogue: world.catalogue)
        try restored.beginRun(world.officeClock)
        try clone.sync(with: restored)
        for laptop in [anna, clone, anna] { try laptop.sync(with: restored) }

        let names = try restored.read { view in
            var names: [String] = []
            try view.forEach(in: "signup") { names.append($0[SignUp.name] ?? "") }
            return names.sorted()
        }
        #expect(names == ["of anna", "of the clone"])
        for laptop in [anna, clone] { #expect(try !laptop.book.hasUnanswered()) }
    }
}
