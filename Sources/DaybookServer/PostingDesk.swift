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
actor PostingDesk {
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

    init(store: OfficeStore, board: NoticeBoard) {
        self.store = store
        self.board = board
    }

    func record(_ posting: IncomingPosting) async throws -> PostingAnswer {
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
                let answers = try await offload { [store] in try store.record(postings) }
                for (one, answer) in zip(batch, answers) { one.answer.resume(returning: answer) }
                let latest = answers.compactMap { try? $0.get().sequence }.max()
                if let latest { await board.announce(latest) }
            } catch {
                for one in batch { one.answer.resume(throwing: error) }
            }
        }
        isRecording = false
    }
}

/// Tells waiting laptops that something new is there.
actor NoticeBoard {
    /// Laptops waiting at the same time; each costs a connection and some 30 KiB.
    private static let waitersMax = 15_000

    private struct Waiter {
        let after: UInt64
        let continuation: CheckedContinuation<UInt64, Never>
    }

    private var latest: UInt64
    private var waiters: [UInt64: Waiter] = [:]
    private var nextWaiter: UInt64 = 0

    init(latest: UInt64) { self.latest = latest }

    func announce(_ sequence: UInt64) {
        latest = max(latest, sequence)
        for (key, waiter) in waiters where waiter.after < latest {
            waiters[key] = nil
            waiter.continuation.resume(returning: latest)
        }
    }

    /// The latest sequence, as soon as it is past `after`; whatever it is once the time is over; nil when too
    /// many wait already.
    func wait(after: UInt64, atMost time: Duration) async -> UInt64? {
        guard latest <= after else { return latest }
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
                guard !Task.isCancelled else { return continuation.resume(returning: latest) }
                waiters[key] = Waiter(after: after, continuation: continuation)
            }
        } onCancel: {
            Task { await self.release(key) }
        }
    }

    private func release(_ key: UInt64) {
        waiters.removeValue(forKey: key)?.continuation.resume(returning: latest)
    }
}
