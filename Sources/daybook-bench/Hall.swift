import DaybookAgent
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import Foundation

/// A head office in a process of its own, with the books of its laptops, so that what it takes can be told from what
/// the laptops take.
final class Hall {
    /// What the other process says of itself.
    struct Plan: Codable {
        let port: Int
        let person: Int64
        let events: [Int64]
        let keys: [[UInt8]]
        /// Of the authority that signs the server's, where it speaks TLS.
        let certificate: [UInt8]?
    }

    private static let ticksPerSecond = 100.0

    let folder: URL
    let plan: Plan
    private let process: Process
    private let input: Pipe

    /// Starts this program once more.
    init(laptops: Int, isEncrypted: Bool = false) throws {
        folder = Stage.newFolder()
        process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments =
            ["--hall", folder.path, "--laptops", "\(laptops)"] + (isEncrypted ? ["--tls"] : [])
        let output = Pipe()
        input = Pipe()
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        var line = Data()
        while line.last != 10 {
            let piece = output.fileHandleForReading.availableData
            guard !piece.isEmpty else { throw BenchFault.unfinished("the other process ended") }
            line += piece
        }
        plan = try JSONDecoder().decode(Plan.self, from: line)
    }

    /// The other process: serves until its input ends.
    static func serve(in path: String, laptops: Int, isEncrypted: Bool) async throws {
        let stage = try await Stage(
            events: 40, isEncrypted: isEncrypted, isReal: true, folder: URL(fileURLWithPath: path))
        var keys: [[UInt8]] = []
        for number in 0..<laptops {
            // The last one of 41 speaks to all others.
            let laptop = try stage.laptop(
                "laptop\(number)",
                scopes: number == 40 && laptops == 41 ? stage.events : [stage.events[number % 40]],
                seed: 1_000 + UInt64(number))
            keys.append(laptop.keys.bytes)
        }
        let authority =
            isEncrypted ? try stage.office.authority { throw BenchFault.unfinished("TLS") } : nil
        let plan = Plan(
            port: stage.port, person: stage.person.rawValue, events: stage.events.map(\.rawValue),
            keys: keys, certificate: authority?.certificate)
        print(String(decoding: try JSONEncoder().encode(plan), as: UTF8.self))
        fflush(nil)
        while try FileHandle.standardInput.read(upToCount: 1)?.isEmpty == false {}
        await stage.end()
    }

    func end() throws {
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Seconds of processor time that the server has taken.
    var processorSeconds: Double {
        get throws {
            let line = try String(
                contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
            let cells = line.split(separator: ")").last?.split(separator: " ") ?? []
            return ((Double(cells[11]) ?? 0) + (Double(cells[12]) ?? 0)) / Self.ticksPerSecond
        }
    }

    /// What the server holds in memory, in KiB.
    var residentKiB: Double {
        get throws {
            let text = try String(
                contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8)
            let line = text.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
            return line.split(separator: " ").compactMap { Double($0) }.first ?? 0
        }
    }

    /// Files that the server has open, its connections among them.
    var openFiles: Int {
        get throws {
            try FileManager.default.contentsOfDirectory(
                atPath: "/proc/\(process.processIdentifier)/fd"
            ).count
        }
    }

    func book(_ number: Int) throws -> LaptopStore {
        try LaptopStore.open(
            path: folder.appendingPathComponent("laptop\(number).daybook").path,
            catalogue: Department.catalogue)
    }

    /// A laptop whose book the other process made.
    func laptop(_ number: Int) throws -> HallLaptop {
        let scheme = plan.certificate == nil ? "http://127.0.0.1" : "https://localhost"
        return HallLaptop(
            book: try book(number),
            link: try OfficeLink(
                office: "\(scheme):\(plan.port)", certificate: plan.certificate,
                surroundings: SystemSurroundings(), environment: [:]),
            keys: try PersonalKeys(bytes: plan.keys[number]),
            person: Stamp(rawValue: plan.person), event: Stamp(rawValue: plan.events[number % 40]))
    }
}

struct HallLaptop: Sendable {
    let book: LaptopStore
    let link: OfficeLink
    let keys: PersonalKeys
    let person: Stamp?
    let event: Stamp?
    private let clock = SystemSurroundings()

    init(
        book: LaptopStore, link: OfficeLink, keys: PersonalKeys, person: Stamp?, event: Stamp?
    ) {
        (self.book, self.link, self.keys) = (book, link, keys)
        (self.person, self.event) = (person, event)
    }

    func signUp(_ visitors: [Input.Visitor]) throws {
        guard let event else { return }
        try book.write(person: person, clock: clock.reading(), keys: keys) { entry in
            for one in visitors {
                try Acts.signUp(
                    entry, event: event, booth: nil, name: one.name,
                    phone: PhoneNumber(one.phone), note: one.note)
            }
        }
    }

    /// One sign-up at each of these events.
    func tell(_ events: [Stamp]) throws {
        try book.write(person: person, clock: clock.reading(), keys: keys) { entry in
            for event in events {
                try Acts.signUp(entry, event: event, booth: nil, name: "王芳", phone: nil)
            }
        }
    }

    /// As an agent does it: whoever is asked to come later does.
    func sync() async throws {
        while true {
            do {
                let report = try await Syncing(book: book, link: link).run()
                guard report.ending == .complete else {
                    throw BenchFault.unfinished("\(report.ending)")
                }
                return
            } catch LinkFault.busy(let after) {
                try await Task.sleep(for: after)
            }
        }
    }
}
