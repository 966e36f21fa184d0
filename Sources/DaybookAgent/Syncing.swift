import DaybookFiles
import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation

/// What a whole sync (exchanges until nothing is left to say) did.
public struct SyncReport: Sendable {
    public var exchanges = 0
    public var postings = 0
    public var verdicts = 0
    public var pages = 0
    public var editsRefused = 0
    public var differingScopes: [Stamp] = []
    public var ending = ExchangeOutcome.Ending.complete
}

/// Syncs one book, one process at a time.
public struct Syncing: Sendable {
    /// How long a command waits for another process's exchange.
    private static let lockTime = Duration.seconds(30)
    /// Each moves up to sixteen postings of a thousand entries.
    private static let exchangesMax = 10_000

    let book: LaptopStore
    let link: OfficeLink

    public init(book: LaptopStore, link: OfficeLink) {
        self.book = book
        self.link = link
    }

    /// Exchanges until nothing is left to say. Throws ``LinkFault`` or ``BookFault``.
    public func run(
        progress: (@Sendable (SyncReport) -> Void)? = nil
    ) async throws -> SyncReport {
        let lock = try await takeLock()
        defer { withExtendedLifetime(lock) {} }
        var report = SyncReport()
        while report.exchanges < Self.exchangesMax {
            let outcome = try await link.exchange(book)
            report.exchanges += 1
            report.postings += outcome.postingsSent
            report.verdicts += outcome.verdictsTaken
            report.pages += outcome.pagesStaged
            report.editsRefused += outcome.editsRefused
            report.differingScopes = outcome.differingScopes
            report.ending = outcome.ending
            progress?(report)
            guard outcome.ending == .complete, outcome.more else { return report }
        }
        return report
    }

    private func takeLock() async throws -> FileLock {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: Self.lockTime)
        while clock.now < end {
            if let lock = try FileLock(path: book.path + ".syncing") { return lock }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw LinkFault.syncing
    }
}
