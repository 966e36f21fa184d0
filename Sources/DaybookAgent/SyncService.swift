import DaybookFiles
import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync
import Logging
import ServiceLifecycle

/// The agent: syncs when something was written here, when head office has something new, and now and then.
public struct SyncService: Service {
    /// Without any notice, so often: a notice can be lost on the way.
    private static let idleTime = Duration.seconds(600)
    private static let firstBackOff = Duration.seconds(1)
    private static let backOffMax = Duration.seconds(300)
    /// How often the book is asked whether another process wrote to it; a read of shared memory.
    private static let watchTime = Duration.milliseconds(200)
    /// An entry that waits longer is worth a warning.
    private static let oldMilliseconds: Int64 = 3_600_000

    private let book: LaptopStore
    private let syncing: Syncing
    private let link: OfficeLink
    private let surroundings: any Surroundings
    private let logger: Logger

    public init(
        book: LaptopStore, link: OfficeLink, surroundings: any Surroundings, logger: Logger
    ) {
        self.surroundings = surroundings
        self.book = book
        self.link = link
        self.logger = logger
        syncing = Syncing(book: book, link: link)
    }

    public func run() async throws {
        try await cancelWhenGracefulShutdown {
            do {
                try await syncForEver()
            } catch is CancellationError {
                logger.info("stopping")
            }
        }
    }

    private func syncForEver() async throws {
        var backOff = Self.firstBackOff
        var hasNews = false
        while !Task.isCancelled {
            let turn = try await syncOnce(hasNews: hasNews)
            hasNews = false
            warnOfOldEntries()
            switch turn {
            case .quiet:
                backOff = Self.firstBackOff
                hasNews = try await waitForNews()
            case .again(let after, let progressed):
                if progressed { backOff = Self.firstBackOff }
                try await Task.sleep(for: Self.jittered(max(after ?? .zero, backOff)))
                backOff = min(backOff * 2, Self.backOffMax)
            }
        }
    }

    /// Health is the age of the oldest entry that head office has not answered, whatever else works.
    private func warnOfOldEntries() {
        guard let status = try? book.status(),
            let age = status.oldestUnansweredAge(now: surroundings.reading()),
            age > Self.oldMilliseconds
        else { return }
        logger.warning(
            "entries wait",
            metadata: ["entries": "\(status.unanswered)", "oldestSeconds": "\(age / 1_000)"])
    }

    private enum Turn {
        case quiet
        case again(after: Duration?, progressed: Bool = false)
    }

    /// Refusals that only a person can mend are tried again slowly: the book stays as it is meanwhile.
    private func syncOnce(hasNews: Bool) async throws -> Turn {
        do {
            let report = try await syncing.run(hasNews: hasNews)
            switch report.ending {
            case .complete:
                logger.info(
                    "synced",
                    metadata: [
                        "postings": "\(report.postings)", "pages": "\(report.pages)",
                        "refused": "\(report.editsRefused)",
                        "differing": "\(report.differingScopes.count)",
                    ])
                return .quiet
            case .cut:
                logger.info("line cut; going on where it was")
                return .again(after: nil, progressed: report.progressed)
            case .refused(let refusal):
                logger.warning(
                    "refused", metadata: ["code": "\(refusal.code.map { "\($0)" } ?? "unknown")"])
                let wait = Duration.milliseconds(refusal.retryAfterMilliseconds)
                return .again(after: refusal.code?.remedy == .stop ? Self.backOffMax : wait)
            }
        } catch LinkFault.untrusted(let detail) {
            logger.warning(
                "this is not the head office it knows", metadata: ["detail": "\(detail)"])
            return .again(after: Self.backOffMax)
        } catch let fault as LinkFault {
            logger.info("offline", metadata: ["fault": "\(fault)"])
            if case .busy(let after) = fault { return .again(after: after) }
            return .again(after: nil)
        } catch let refusal as Refusal {
            logger.warning(
                "refused", metadata: ["code": "\(refusal.code.map { "\($0)" } ?? "unknown")"])
            return .again(after: Self.backOffMax)
        } catch let malformed as MalformedBytes {
            logger.warning("answer not understood", metadata: ["fault": "\(malformed)"])
            return .again(after: nil)
        } catch let disorder as OutOfOrder {
            logger.warning("answer out of order", metadata: ["frame": "\(disorder.kind)"])
            return .again(after: nil)
        } catch let fault as FileFault {
            logger.error("the disk is in the way", metadata: ["fault": "\(fault)"])
            return .again(after: nil)
        } catch let fault as BookFault where fault.passes {
            logger.error("the disk is in the way", metadata: ["fault": "\(fault)"])
            return .again(after: nil)
        }
    }

    /// Ends when something was written here, when head office tells of news (true), or after a while.
    private func waitForNews() async throws -> Bool {
        let shown = try book.status().shown?.sequence ?? 0
        let secret = try book.identity().secret
        return try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await waitForLocalEntry()
                return false
            }
            group.addTask {
                try await Task.sleep(for: Self.idleTime)
                return false
            }
            group.addTask {
                do {
                    while try await link.notice(after: shown, secret: secret) <= shown {}
                    return true
                } catch is LinkFault {
                    // The line is gone: look again soon, and find out by a sync.
                    try await Task.sleep(for: Self.jittered(.seconds(5)))
                    return false
                }
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
    }

    private func waitForLocalEntry() async throws {
        var seen: Int64?
        while true {
            do {
                let counter = try book.changeCounter()
                if counter != seen, try book.hasUnanswered() { return }
                seen = counter
            } catch let fault as BookFault where fault.passes {
                logger.error("the disk is in the way", metadata: ["fault": "\(fault)"])
            }
            try await Task.sleep(for: Self.watchTime)
        }
    }

    /// Between half and the whole: laptops that lost head office together do not come back together.
    private static func jittered(_ time: Duration) -> Duration {
        time * Double.random(in: 0.5...1)
    }
}
