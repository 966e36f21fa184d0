import CSimulatedDisk
import DaybookStorage
import GRDB

/// One machine's disk: books on it are opened with one connection each, on SQLite's own write-ahead log.
struct SimulatedDisk: BookDisk {
    let number: Int32

    init(_ number: Int) {
        precondition(simdisk_register() == 0, "SQLite did not take the VFS")
        self.number = Int32(number)
    }

    func path(_ name: String) -> String { "/\(number)/\(name)" }

    func exists(_ path: String) -> Bool { simdisk_exists(path) != 0 }

    func isWritable(_ path: String) -> Bool { true }

    func remove(_ path: String) { simdisk_remove(path) }

    func writer(
        _ path: String, _ configuration: Configuration
    ) throws -> any DatabaseWriter {
        var configuration = configuration
        configuration.journalMode = .wal
        return try DatabaseQueue(path: uri(path), configuration: configuration)
    }

    func reader(
        _ path: String, _ configuration: Configuration
    ) throws -> any DatabaseReader {
        try DatabaseQueue(path: uri(path), configuration: configuration)
    }

    private func uri(_ path: String) -> String { "file:\(path)?vfs=daybook-simulated" }

    // MARK: - Faults

    var isDead: Bool { simdisk_is_dead(number) != 0 }

    func arm(_ fault: simdisk_fault, after operations: Int) {
        simdisk_arm(number, fault, Int64(operations))
    }

    /// Whether the armed fault happened.
    func disarm() -> Bool { simdisk_disarm(number) != 0 }

    func kill() { simdisk_kill(number) }

    func restart() { simdisk_restart(number) }

    func copy(to other: SimulatedDisk) { simdisk_copy(number, other.number) }
}
