import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import Foundation
import GRDB
import Testing
import World

@Suite struct BookFaultTests {
    /// A laptop's closed book in a world of its own.
    func closedBook() throws -> (World, String) {
        let world = try World()
        let path = try world.laptop("anna", person: "李娜", scopes: [world.north]).book.path
        return (world, path)
    }

    func open(_ path: String, _ catalogue: Catalogue = Department.catalogue) throws {
        _ = try LaptopStore.open(path: path, catalogue: catalogue)
    }

    @Test func `a missing book is not made by opening it`() {
        let path = FileManager.default.temporaryDirectory.path + "/no-book-\(UUID())"
        #expect(throws: BookFault.missing(path: path)) { try open(path) }
        #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test func `a foreign file is left as it was`() throws {
        let (world, _) = try closedBook()
        let path = world.folder.path + "/foreign"
        let text = Data("this is no database, but somebody's letter".utf8)
        try text.write(to: URL(fileURLWithPath: path))

        #expect(throws: BookFault.foreign(path: path)) { try open(path) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == text)
    }

    @Test func `head office's file is no laptop's book`() throws {
        let (world, _) = try closedBook()
        #expect(throws: BookFault.foreign(path: world.office.path)) { try open(world.office.path) }
    }

    @Test func `a book of a newer catalogue is left to the newer program`() throws {
        let (world, path) = try closedBook()
        defer { withExtendedLifetime(world) {} }
        let older = Catalogue(version: 0, collections: Department.catalogue.collections)
        #expect(throws: BookFault.newer(path: path)) { try open(path, older) }
    }

    @Test func `a damaged book says so`() throws {
        let (world, path) = try closedBook()
        defer { withExtendedLifetime(world) {} }
        let url = URL(fileURLWithPath: path)
        var bytes = try Data(contentsOf: url)
        for place in 100..<bytes.count where place % 7 == 0 { bytes[place] = 0xA5 }
        let damaged = path + ".damaged"
        try bytes.write(to: URL(fileURLWithPath: damaged))

        do {
            let store = try LaptopStore.open(path: damaged, catalogue: Department.catalogue)
            #expect(try !store.integrityFaults().isEmpty)
        } catch let fault as BookFault {
            switch fault {
            case .damaged, .foreign: break
            default: Issue.record("\(fault)")
            }
        }
    }

    @Test(arguments: [
        "INSERT INTO signup (id, _scope) VALUES (5, 5)", "UPDATE store SET name = 'mine'",
        "DELETE FROM store",
    ])
    func `a write around the book is refused with words`(sql: String) throws {
        let world = try World()
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north])
        try anna.syncUntilQuiet()
        let shell = try DatabaseQueue(path: anna.book.path)

        let error = #expect(throws: DatabaseError.self) {
            try shell.write { try $0.execute(sql: sql) }
        }

        #expect(error?.message?.contains("daybook add") == true)
        #expect(try anna.sync().differingScopes.isEmpty)
    }
}

@Suite struct CatalogueTests {
    /// A collection that exists in this file only: adding one touches one file.
    static let pledge = CollectionDefinition(
        "pledge", 900, .fact, scope: .of("store"), "Pledge", "认捐",
        fields: [
            FieldDefinition(
                "store", 1, .reference("store"), "Store", "门店", isRequired: true),
            FieldDefinition("who", 2, .text(maxBytes: 100), "Who", "人"),
            FieldDefinition("quantity", 3, .quantity, "How many", "数量"),
        ],
        folds: [FoldDefinition("pledged", keys: ["store"], .sum("quantity"))])

    static let wider = Catalogue(
        version: 2, collections: Department.catalogue.collections + [pledge])

    func pledge(_ laptop: Laptop, _ quantity: Int64) throws -> Stamp {
        try laptop.write {
            try $0.birth(
                Draft(
                    collection: "pledge",
                    fields: [
                        FieldValue(1, laptop.world.north.value), FieldValue(2, .text("张敏")),
                        FieldValue(3, .integer(quantity)),
                    ]))
        }
    }

    @Test func `a new collection works everywhere from its declaration alone`() throws {
        let world = try World(catalogue: Self.wider)
        let anna = try world.laptop("anna", person: "李娜", scopes: [world.north])
        try anna.syncUntilQuiet()
        _ = try pledge(anna, 7)
        try anna.syncUntilQuiet()

        #expect(try world.office.read { try $0.fold("pledged", [world.north.value]) } == 7)
        #expect(try anna.sync().differingScopes.isEmpty)
    }

    @Test func `what head office does not know it keeps and gives on`() throws {
        let world = try World()
        let newer = try world.laptop(
            "newer", person: "李娜", scopes: [world.north], seed: 3, catalogue: Self.wider)
        try newer.syncUntilQuiet()
        _ = try pledge(newer, 7)
        try newer.syncUntilQuiet()
        let other = try world.laptop(
            "other", person: "王伟", scopes: [world.north], seed: 4, catalogue: Self.wider)
        try other.syncUntilQuiet()

        #expect(try other.book.read { try $0.fold("pledged", [world.north.value]) } == 7)
        #expect(try newer.sync().differingScopes.isEmpty)
    }
}
