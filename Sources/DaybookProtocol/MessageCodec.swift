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
            let wire: WireFeed = try message(try Proven(frame.raw, kind: .feed).content)
            self = .feed(try wire.page())
        case .moment: self = .moment(try WholeMoment(try message(frame.raw)))
        case .refusal:
            let wire: WireRefusal = try message(frame.raw)
            self = .refusal(
                Refusal(
                    RefusalCode(rawValue: wire.code), detail: wire.detail,
                    retryAfterMilliseconds: Int64(wire.retryAfterMs)))
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
                case .verdicts, .feed: try key.proven(content, kind: kind)
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
            return sealed
        case .welcome(let welcome): return welcome.wire
        case .verdicts(let verdicts): return verdicts.wire
        case .feed(let page): return WireFeed(page)
        case .moment(let moment): return moment.wire
        case .refusal(let refusal):
            var wire = WireRefusal()
            wire.code = refusal.code?.rawValue ?? 0
            wire.detail = refusal.detail
            wire.retryAfterMs = UInt32(clamping: refusal.retryAfterMilliseconds)
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

extension Hello {
    fileprivate init(_ wire: WireHello) throws(MalformedBytes) {
        guard wire.scopes.count <= Limits.scopesMax else {
            throw .tooLarge(what: "scopes", limit: Limits.scopesMax)
        }
        guard wire.lastPostingHash.count == (wire.lastPosting == 0 ? 0 : 32) else {
            throw .value("last posting's hash")
        }
        var scopes: [Stamp: UInt64] = [:]
        var gaining: Set<Stamp> = []
        for cursor in wire.scopes {
            let scope = try stamp(cursor.scope)
            scopes[scope] = cursor.sequence
            if cursor.gaining { gaining.insert(scope) }
        }
        self.init(
            catalogue: wire.catalogue, incarnation: wire.incarnation,
            clock: ClockReading(
                wall: Moment(milliseconds: wire.clock.wallMs),
                monotonicMilliseconds: wire.clock.monotonicMs, boot: wire.clock.boot),
            held: wire.hasHeld
                ? Cursor(run: wire.held.run, sequence: wire.held.sequence) : nil,
            scopes: scopes, gaining: gaining, lastPosting: wire.lastPosting,
            lastPostingHash: [UInt8](wire.lastPostingHash), wantsNode: wire.wantsNode)
        guard wire.past.count <= Limits.pastRunsMax else {
            throw .tooLarge(what: "past runs", limit: Limits.pastRunsMax)
        }
        past = wire.past.map { Cursor(run: $0.run, sequence: $0.sequence) }
        wantsIncarnation = wire.wantsIncarnation
        isReturning = wire.returning
        guard wire.keys.count <= Limits.keyChangesMax else {
            throw .tooLarge(what: "key changes", limit: Limits.keyChangesMax)
        }
        for change in wire.keys {
            keys.append(
                KeyChange(
                    key: try PublicKey([UInt8](change.key)), signature: [UInt8](change.signature)))
        }
        protocolMin = wire.protocolMin
        protocolMax = wire.protocolMax
    }

    fileprivate var wire: WireHello {
        var wire = WireHello()
        wire.protocolMin = protocolMin
        wire.protocolMax = protocolMax
        wire.catalogue = catalogue
        wire.incarnation = incarnation
        wire.clock.wallMs = clock.wall.milliseconds
        wire.clock.monotonicMs = clock.monotonicMilliseconds
        wire.clock.boot = clock.boot
        if let held {
            wire.held.run = held.run
            wire.held.sequence = held.sequence
        }
        wire.scopes = scopes.sorted { $0.key < $1.key }.map { scope, sequence in
            var cursor = WireScopeCursor()
            cursor.scope = UInt64(scope.rawValue)
            cursor.sequence = sequence
            cursor.gaining = gaining.contains(scope)
            return cursor
        }
        wire.lastPosting = lastPosting
        wire.lastPostingHash = Bytes(lastPostingHash)
        wire.wantsNode = wantsNode
        wire.past = past.map { cursor in
            var wire = WireCursor()
            wire.run = cursor.run
            wire.sequence = cursor.sequence
            return wire
        }
        wire.wantsIncarnation = wantsIncarnation
        wire.returning = isReturning
        wire.keys = keys.map { change in
            var wire = WireKeyChange()
            wire.key = Bytes(change.key.bytes)
            wire.signature = Bytes(change.signature)
            return wire
        }
        return wire
    }
}

extension Welcome {
    fileprivate init(_ wire: WireWelcome) throws(MalformedBytes) {
        guard wire.scopes.count <= Limits.scopesMax else {
            throw .tooLarge(what: "scopes", limit: Limits.scopesMax)
        }
        guard Int64(wire.node) <= Stamp.nodeMax else { throw .value("node") }
        var scopes: [Stamp] = []
        for scope in wire.scopes { scopes.append(try stamp(scope)) }
        self.init(
            catalogue: wire.catalogue, officeTime: Moment(milliseconds: wire.officeMs),
            run: wire.run, acknowledgedPosting: wire.acknowledgedPosting,
            acknowledgedHash: [UInt8](wire.acknowledgedHash), backupMark: wire.backupMark,
            scopes: scopes, node: wire.node == 0 ? nil : Int64(wire.node),
            keyName: [UInt8](wire.keyName), base: wire.regressed ? wire.base : nil,
            incarnation: wire.incarnation == 0 ? nil : wire.incarnation)
        guard incarnation == nil || node != nil else { throw .value("incarnation without node") }
    }

    fileprivate var wire: WireWelcome {
        var wire = WireWelcome()
        wire.protocol = Limits.protocolVersion
        wire.catalogue = catalogue
        wire.officeMs = officeTime.milliseconds
        wire.run = run
        wire.acknowledgedPosting = acknowledgedPosting
        wire.acknowledgedHash = Bytes(acknowledgedHash)
        wire.backupMark = backupMark
        wire.scopes = scopes.map { UInt64($0.rawValue) }
        wire.node = UInt32(node ?? 0)
        wire.regressed = base != nil
        wire.base = base ?? 0
        wire.incarnation = incarnation ?? 0
        wire.keyName = Bytes(keyName)
        return wire
    }
}

extension Verdicts {
    init(_ wire: WireVerdicts) throws(MalformedBytes) {
        let count = Int(wire.entryCount)
        guard (1...Limits.postingEntriesMax).contains(count), wire.hash.count == 32 else {
            throw .value("entries or hash of verdicts")
        }
        guard wire.refused.count <= Limits.postingChangesMax, wire.nameTaken.count <= count else {
            throw .tooLarge(what: "refused", limit: Limits.postingChangesMax)
        }
        var refused: [RefusedEdit] = []
        for one in wire.refused {
            refused.append(
                RefusedEdit(
                    entry: Int64(clamping: one.entry), stamp: try stamp(one.stamp),
                    reason: one.reason, detail: try FieldColumns.text(Array(one.detail.utf8))))
        }
        self.init(
            posting: wire.posting, hash: [UInt8](wire.hash),
            firstEntry: Int64(clamping: wire.firstEntry),
            corrections: try integers(wire.atLessWallMs, count),
            uncertainties: try integers(wire.uncertaintyMs, count), sequence: wire.sequence,
            refused: refused, nameTaken: wire.nameTaken.map { Int64(clamping: $0) },
            arrived: Moment(milliseconds: wire.arrivedMs), receipt: [UInt8](wire.receipt))
    }

    fileprivate var wire: WireVerdicts {
        var wire = WireVerdicts()
        wire.posting = posting
        wire.hash = Bytes(hash)
        wire.firstEntry = UInt64(firstEntry)
        wire.entryCount = UInt32(corrections.count)
        wire.sequence = sequence
        wire.atLessWallMs = column(corrections)
        wire.uncertaintyMs = column(uncertainties)
        wire.refused = refused.map { one in
            var refused = WireRefused()
            refused.entry = UInt64(one.entry)
            refused.stamp = UInt64(one.stamp.rawValue)
            refused.reason = one.reason
            refused.detail = one.detail
            return refused
        }
        wire.nameTaken = nameTaken.map { UInt64($0) }
        wire.arrivedMs = arrived.milliseconds
        wire.receipt = Bytes(receipt)
        return wire
    }
}

extension WholeMoment {
    fileprivate init(_ wire: WireWholeMoment) throws(MalformedBytes) {
        guard wire.digests.count <= Limits.scopesMax else {
            throw .tooLarge(what: "scopes", limit: Limits.scopesMax)
        }
        var digests: [Stamp: Digest] = [:]
        for one in wire.digests {
            guard let digest = Digest(bytes: [UInt8](one.digest), count: Int64(clamping: one.count))
            else { throw .value("digest") }
            digests[try stamp(one.scope)] = digest
        }
        self.init(cursor: Cursor(run: wire.run, sequence: wire.sequence), digests: digests)
    }

    fileprivate var wire: WireWholeMoment {
        var wire = WireWholeMoment()
        wire.run = cursor.run
        wire.sequence = cursor.sequence
        wire.digests = digests.sorted { $0.key < $1.key }.map { scope, digest in
            var one = WireScopeDigest()
            one.scope = UInt64(scope.rawValue)
            one.digest = Bytes(digest.bytes)
            one.count = UInt64(digest.count)
            return one
        }
        return wire
    }
}

extension Enrolled {
    fileprivate init(_ wire: WireEnrolled) throws(MalformedBytes) {
        guard (1...Stamp.nodeMax).contains(Int64(wire.node)) else { throw .value("node") }
        guard wire.people.count <= Limits.scopesMax else {
            throw .tooLarge(what: "people", limit: Limits.scopesMax)
        }
        var people: [Stamp] = []
        for person in wire.people { people.append(try stamp(person)) }
        self.init(
            organisation: try stamp(wire.organisation), incarnation: wire.incarnation,
            node: Int64(wire.node), laptop: try FieldColumns.text(Array(wire.laptop.utf8)),
            secret: [UInt8](wire.secret), people: people,
            certificate: [UInt8](wire.certificate),
            officeKey: try PublicKey([UInt8](wire.officeKey)))
    }

    fileprivate var wire: WireEnrolled {
        var wire = WireEnrolled()
        wire.organisation = UInt64(organisation.rawValue)
        wire.incarnation = incarnation
        wire.node = UInt32(node)
        wire.laptop = laptop
        wire.secret = Bytes(secret)
        wire.people = people.map { UInt64($0.rawValue) }
        wire.certificate = Bytes(certificate)
        wire.officeKey = Bytes(officeKey.bytes)
        return wire
    }
}
