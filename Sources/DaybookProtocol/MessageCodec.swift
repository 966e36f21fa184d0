import DaybookModel
import FoundationEssentials
import SwiftProtobuf

extension Message {
    /// Reads a frame's message; throws ``MalformedBytes`` for whatever breaks the specification.
    public init(_ frame: Frame) throws(MalformedBytes) {
        switch frame.kind {
        case .hello: self = .hello(try Hello(try message(frame.raw)))
        case .posting: self = .posting(try ReceivedPosting(raw: frame.raw))
        case .welcome: self = .welcome(try Welcome(try message(frame.raw)))
        case .verdicts:
            let proven = try Proven(frame.raw, kind: .verdicts)
            self = .verdicts(try Verdicts(try message(proven.content)))
        case .feed:
            let proven = try Proven(frame.raw, kind: .feed)
            let wire: WireFeed = try message(proven.content)
            self = .feed(try wire.page(beside: Bytes(proven.personal)))
        case .moment: self = .moment(try WholeMoment(try message(frame.raw)))
        case .refusal:
            let wire: WireRefusal = try message(frame.raw)
            var refusal = Refusal(
                RefusalCode(rawValue: wire.code), detail: wire.detail,
                retryAfterMilliseconds: Int64(wire.retryAfterMs))
            refusal.keptPosting = wire.keptPosting
            self = .refusal(refusal)
        case .done:
            let wire: WireDone = try message(frame.raw)
            self = .done(more: wire.more)
        case .enrol:
            let wire: WireEnrol = try message(frame.raw)
            guard wire.code.utf8.count <= 64 else { throw .tooLarge(what: "code", limit: 64) }
            self = .enrol(
                Enrol(
                    code: wire.code, catalogue: wire.catalogue,
                    certificate: [UInt8](wire.certificate),
                    key: wire.key.isEmpty ? nil : try PublicKey([UInt8](wire.key)),
                    signature: [UInt8](wire.signature)))
        case .enrolled: self = .enrolled(try Enrolled(try message(frame.raw)))
        case .returned: self = .returned(try ReturnedPage(raw: frame.raw))
        case .taken:
            let wire: WireTaken = try message(frame.raw)
            self = .taken(Taken(count: Int(wire.count), sequence: wire.sequence))
        case .compare: self = .compare(try Compare(try message(frame.raw)))
        case .compared: self = .compared(try Compared(try message(frame.raw)))
        case .still: self = .still(try Still(try message(frame.raw)))
        case .quiet:
            let wire: WireQuiet = try message(frame.raw)
            self = .quiet(Moment(milliseconds: wire.officeMs))
        case .bundle:
            let wire: WireBundle = try message(frame.raw)
            guard wire.proof.count == 32 else { throw .value("proof of a bundle") }
            self = .bundle(
                Bundle(
                    incarnation: wire.incarnation, isAnswer: wire.answer,
                    proof: [UInt8](wire.proof), bytes: wire.bytes))
        }
    }

    /// The message's frame. Throws when it does not fit one: the caller made it too large.
    ///
    /// - Parameter key: head office's, which proves its verdicts and feeds.
    public func frame(key: OfficeKey = OfficeKey(bytes: [])) throws(MalformedBytes) -> Frame {
        let raw: [UInt8]
        do {
            let content: [UInt8] = try wire().serializedBytes()
            raw =
                switch self {
                case .verdicts: try key.proven(content, kind: kind)
                case .feed(let page):
                    try key.proven(content, kind: kind, beside: page.personal)
                default: content
                }
        } catch {
            throw .notAMessage("\(kind)")
        }
        guard raw.count <= Limits.frameRawBytesMax else {
            throw .tooLarge(what: "\(kind)", limit: Limits.frameRawBytesMax)
        }
        return Frame(kind: kind, raw: raw)
    }

    public var kind: FrameKind {
        switch self {
        case .hello: .hello
        case .posting: .posting
        case .welcome: .welcome
        case .verdicts: .verdicts
        case .feed: .feed
        case .moment: .moment
        case .refusal: .refusal
        case .done: .done
        case .enrol: .enrol
        case .enrolled: .enrolled
        case .returned: .returned
        case .taken: .taken
        case .compare: .compare
        case .compared: .compared
        case .bundle: .bundle
        case .still: .still
        case .quiet: .quiet
        }
    }

    private func wire() throws -> any SwiftProtobuf.Message {
        switch self {
        case .hello(let hello): return hello.wire
        case .posting(let received):
            var sealed = WireSealedPosting()
            // A posting travels as it was sealed; this is for vectors and tests.
            sealed.posting = try PostingCodec.wire(received.posting).serializedBytes()
            sealed.signature = Bytes(received.signature)
            if let personal = received.personal { sealed.personal = personal.wire }
            return sealed
        case .welcome(let welcome): return welcome.wire
        case .still(let still): return still.wire
        case .quiet(let moment): return WireQuiet.with { $0.officeMs = moment.milliseconds }
        case .verdicts(let verdicts): return verdicts.wire
        case .feed(let page): return WireFeed(page)
        case .moment(let moment): return moment.wire
        case .refusal(let refusal):
            var wire = WireRefusal()
            wire.code = refusal.code?.rawValue ?? 0
            wire.detail = refusal.detail
            wire.retryAfterMs = UInt32(clamping: refusal.retryAfterMilliseconds)
            wire.keptPosting = refusal.keptPosting
            return wire
        case .done(let more):
            var wire = WireDone()
            wire.more = more
            return wire
        case .enrol(let enrol):
            var wire = WireEnrol()
            wire.protocolMin = Limits.protocolVersion
            wire.protocolMax = Limits.protocolVersion
            wire.code = enrol.code
            wire.catalogue = enrol.catalogue
            wire.certificate = Bytes(enrol.certificate)
            wire.key = Bytes(enrol.key?.bytes ?? [])
            wire.signature = Bytes(enrol.signature)
            return wire
        case .enrolled(let enrolled): return enrolled.wire
        case .returned(let returned):
            var wire = WireProven()
            wire.content = Bytes(returned.proven.content)
            wire.proof = Bytes(returned.proven.proof)
            wire.personal = Bytes(returned.proven.personal)
            return wire
        case .taken(let taken):
            var wire = WireTaken()
            wire.count = UInt32(taken.count)
            wire.sequence = taken.sequence
            return wire
        case .compare(let compare): return compare.wire
        case .compared(let compared): return compared.wire
        case .bundle(let bundle):
            var wire = WireBundle()
            wire.incarnation = bundle.incarnation
            wire.answer = bundle.isAnswer
            wire.proof = Bytes(bundle.proof)
            wire.bytes = bundle.bytes
            return wire
        }
    }
}
