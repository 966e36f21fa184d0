import DaybookProtocol
import DaybookSync

/// Bundles on a stick.
extension Laptop {
    /// What the laptop has to say.
    public func bundle() throws -> [UInt8] {
        var frames: [[UInt8]] = []
        _ = try Bundles.write(by: book, clock: clock.reading()) { frames.append($0) }
        let identity = try book.identity()
        return try BundleFile.sealed(
            frames, incarnation: identity.incarnation, isAnswer: false,
            secretHash: sha256(identity.secret))
    }

    /// What head office makes of it: the answer's file, and whether it refused to go on.
    public func carry(_ bundle: [UInt8]) throws -> (answer: [UInt8], refusal: Refusal?) {
        let held = try BundleFile.opened(bundle)
        let hash = sha256(try book.identity().secret)
        var said: [[UInt8]] = []
        let answer = try Bundles.answer(
            to: { try held.forEachFrame(secretHash: hash, $0) }, store: world.office,
            laptop: laptopID, now: world.officeClock.reading().wall, key: world.office.key
        ) { said.append($0) }
        let file = try BundleFile.sealed(
            said, incarnation: held.opened.head.incarnation, isAnswer: true, secretHash: hash)
        return (file, answer.refusal)
    }

    public func take(answer: [UInt8]) throws {
        let held = try BundleFile.opened(answer)
        let hash = sha256(try book.identity().secret)
        _ = try Bundles.take(
            { try held.forEachFrame(secretHash: hash, $0) }, into: book, clock: clock.reading())
    }
}
