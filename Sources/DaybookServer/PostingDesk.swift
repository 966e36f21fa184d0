import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync
import NIOPosix

/// Runs blocking work (SQLite) off the event loops and off Swift's small pool.
func offload<Result: Sendable>(
    _ body: @escaping @Sendable () throws -> Result
) async throws -> Result {
    try await NIOThreadPool.singleton.runIfActive(body)
}

/// Takes postings of many laptops and records those that wait together in one commit: they share its sync
/// to disk, and each is answered only after it.
package actor PostingDesk {
    /// Postings in one commit: bounds how long the first of them waits.
    private static let batchMax = 64

    private struct Waiting {
        let posting: IncomingPosting
        let answer: CheckedContinuation<PostingAnswer, any Error>
    }

    private let store: OfficeStore
    private let board: NoticeBoard
    private var waiting: [Waiting] = []
    private var isRecording = false

    package init(store: OfficeStore, board: NoticeBoard) {
        self.store = store
        self.board = board
    }

    package func record(_ posting: IncomingPosting) async throws -> PostingAnswer {
        try await withCheckedThrowingContinuation { continuation in
            waiting.append(Waiting(posting: posting, answer: continuation))
            guard !isRecording else { return }
            isRecording = true
            Task { await recordWaiting() }
        }
    }

    private func recordWaiting() async {
        while !waiting.isEmpty {
            let batch = Array(waiting.prefix(Self.batchMax))
            waiting.removeFirst(batch.count)
            let postings = batch.map(\.posting)
            do {
                let (answers, scopes) = try await offload { [store] in
                    try store.recordTelling(postings)
                }
                for (one, answer) in zip(batch, answers) { one.answer.resume(returning: answer) }
                let latest = answers.compactMap { try? $0.get().sequence }.max()
                if let latest { await board.announce(latest, in: scopes) }
            } catch {
                for one in batch { one.answer.resume(throwing: error) }
            }
        }
        isRecording = false
    }
}

/// Tells waiting laptops that something new is there, in a scope that they hold.
package actor NoticeBoard {
    /// Laptops waiting at the same time; each costs a connection and some 30 KiB.
    private static let waitersMax = 15_000

    private struct Waiter {
        let after: UInt64
        let scopes: Set<Stamp>
        let continuation: CheckedContinuation<UInt64, Never>
    }

    /// What may be new to everybody.
    private var latest: UInt64
    private var latestIn: [Stamp: UInt64] = [:]
    private var waiters: [UInt64: Waiter] = [:]
    /// Who waits for news in a scope: a posting costs those whom it concerns, and not all who wait.
    private var waiting: [Stamp: Set<UInt64>] = [:]
    private var nextWaiter: UInt64 = 0

    package init(latest: UInt64) { self.latest = latest }

    /// - Parameter scopes: where something is new; nil when that is not known.
    package func announce(_ sequence: UInt64, in scopes: Set<Stamp>? = nil) {
        if let scopes {
            for scope in scopes { latestIn[scope] = max(latestIn[scope] ?? 0, sequence) }
        } else {
            latest = max(latest, sequence)
        }
        let concerned =
            scopes.map { $0.reduce(into: Set()) { $0.formUnion(waiting[$1] ?? []) } }
            ?? Set(waiters.keys)
        for key in concerned {
            guard let waiter = waiters[key], news(in: waiter.scopes) > waiter.after else {
                continue
            }
            release(key)
        }
    }

    /// The latest sequence of anything in these scopes.
    private func news(in scopes: Set<Stamp>) -> UInt64 {
        scopes.reduce(latest) { max($0, latestIn[$1] ?? 0) }
    }

    /// The latest sequence in the scopes, as soon as it is past `after`; whatever it is once the time is over;
    /// nil when too many wait already.
    package func wait(
        after: UInt64, in scopes: Set<Stamp>, atMost time: Duration
    ) async -> UInt64? {
        guard news(in: scopes) <= after else { return news(in: scopes) }
        guard waiters.count < Self.waitersMax else { return nil }
        let key = nextWaiter
        nextWaiter += 1
        let timeout = Task {
            try await Task.sleep(for: time)
            release(key)
        }
        defer { timeout.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else {
                    return continuation.resume(returning: news(in: scopes))
                }
                waiters[key] = Waiter(after: after, scopes: scopes, continuation: continuation)
                for scope in scopes { waiting[scope, default: []].insert(key) }
            }
        } onCancel: {
            Task { await self.release(key) }
        }
    }

    private func release(_ key: UInt64) {
        guard let waiter = waiters.removeValue(forKey: key) else { return }
        for scope in waiter.scopes {
            waiting[scope]?.remove(key)
            if waiting[scope]?.isEmpty == true { waiting[scope] = nil }
        }
        waiter.continuation.resume(returning: news(in: waiter.scopes))
    }
}
