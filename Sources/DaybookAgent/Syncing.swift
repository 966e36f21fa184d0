import DaybookFiles
import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Foundation
import Synchronization

/// What a whole sync (exchanges until nothing is left to say) did.
public struct SyncReport: Sendable {
    public var exchanges = 0
    public var postings = 0
    public var verdicts = 0
    public var pages = 0
    public var editsRefused = 0
    public var differingScopes: [Stamp] = []
    public var ending = ExchangeOutcome.Ending.complete
    /// Frames that a head office which had lost them has taken back.
    public var framesReturned = 0
    /// Records found to differ and mended, removed, and handed back.
    public var mended = 0
    public var removed = 0
    public var handedBack = 0
    /// Whether any exchange brought the book further.
    public var progressed = false
    /// Scopes that still differ though everything was compared.
    public var unmended: Set<Stamp> = []
}

/// How much one request carries. Head office answers a request that came whole: over a line that breaks sooner,
/// requests become smaller until one comes through.
private final class Pace: Sendable {
    private let held = Mutex(Limits.exchangePostingsMax)

    var most: Int { held.withLock { $0 } }

    /// False when a request of one posting did not come through either.
    func slowDown(after outcome: ExchangeOutcome) -> Bool {
        let sent = max(outcome.postingsSent, outcome.framesSent)
        guard sent > 1 else { return false }
        held.withLock { $0 = max(1, sent / 2) }
        return true
    }

    func speedUp() { held.withLock { $0 = min($0 * 2, Limits.exchangePostingsMax) } }
}

/// Syncs one book, one process at a time.
public struct Syncing: Sendable {
    /// Each moves up to sixteen postings of a thousand entries.
    private static let exchangesMax = 10_000
    /// Refusals in one sync: a chain begun anew, a gap filled, an enrolment brought back.
    private static let refusalsMax = 4
    /// A laptop's key is replaced after so long: whoever copied it signs no longer unseen for ever.
    private static let keyAge = Duration.seconds(90 * 86_400)

    let book: LaptopStore
    let link: OfficeLink
    private let pace = Pace()

    public init(book: LaptopStore, link: OfficeLink) {
        self.book = book
        self.link = link
    }

    /// Exchanges until nothing is left to say. Throws ``LinkFault`` or ``BookFault``.
    ///
    /// - Parameter hasNews: head office has said that something is new.
    public func run(
        hasNews: Bool = false, repairing: Repair = Repair(),
        progress: (@Sendable (SyncReport) -> Void)? = nil
    ) async throws -> SyncReport {
        let lock = try await SyncLock.take(book)
        defer { withExtendedLifetime(lock) {} }
        _ = try book.renewKey(olderThan: Self.keyAge) { link.randomBytes(DeviceKey.sizeBytes) }
        var report = SyncReport()
        var repair = repairing
        var refusals = 0
        /// The last posting that head office keeps aside: this laptop was revoked.
        var kept: UInt64 = 0
        while report.exchanges < Self.exchangesMax {
            let outcome = try await link.exchange(
                book, comparing: repair.comparing, after: kept, most: pace.most,
                mayBeStill: !hasNews && report.exchanges == 0)
            report.exchanges += 1
            report.postings += outcome.postingsSent
            report.verdicts += outcome.verdictsTaken
            report.pages += outcome.pagesStaged
            report.editsRefused += outcome.editsRefused
            report.framesReturned += outcome.framesReturned
            report.differingScopes = outcome.differingScopes
            report.ending = outcome.ending
            let looksOn = try repair.take(outcome, recount: book.recount)
            report.mended = repair.mended
            report.removed = repair.removed
            report.handedBack = repair.handedBack
            report.unmended = repair.unmended
            progress?(report)
            if case .refused(let refusal) = outcome.ending {
                if refusal.keptPosting > kept {
                    kept = refusal.keptPosting
                    guard try !book.postingsToSend(after: kept, most: 1).isEmpty else {
                        return report
                    }
                    continue
                }
                refusals += 1
                guard refusals <= Self.refusalsMax else { return report }
                if refusal.code == .notEnrolled { try await readmit(or: refusal) }
            } else if outcome.ending != .complete {
                report.progressed = report.progressed || outcome.progressed
                guard !outcome.progressed, pace.slowDown(after: outcome) else { return report }
                continue
            }
            report.progressed = true
            pace.speedUp()
            guard outcome.more || looksOn || isNotEnrolled(outcome) else { return report }
        }
        return report
    }

    private func isNotEnrolled(_ outcome: ExchangeOutcome) -> Bool {
        if case .refused(let refusal) = outcome.ending { return refusal.code == .notEnrolled }
        return false
    }

    /// Head office may have lost the enrolment; its own statement brings the laptop back.
    private func readmit(or refusal: Refusal) async throws {
        let identity = try book.identity()
        guard !identity.certificate.isEmpty else { throw refusal }
        do { try await link.readmit(identity) } catch is Refusal { throw refusal }
    }
}

/// One process at a time takes answers into a book, by whatever way they come.
public enum SyncLock {
    /// How long a command waits for another process's exchange.
    private static let lockTime = Duration.seconds(30)

    /// Held until it is let go. Throws ``LinkFault/syncing`` when another process does not come to an end.
    public static func take(_ book: LaptopStore) async throws -> FileLock {
        let clock = ContinuousClock()
        let end = clock.now.advanced(by: lockTime)
        while clock.now < end {
            if let lock = try FileLock(path: book.path + ".syncing") { return lock }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw LinkFault.syncing
    }
}
