import DaybookModel
import FoundationEssentials

/// What head office says.
extension Welcome {
    init(_ wire: WireWelcome) throws(MalformedBytes) {
        guard Int64(wire.node) <= Stamp.nodeMax else { throw .value("node") }
        self.init(
            catalogue: wire.catalogue, officeTime: Moment(milliseconds: wire.officeMs),
            run: wire.run, acknowledgedPosting: wire.acknowledgedPosting,
            terms: wire.hasTerms ? try Terms(wire.terms) : nil,
            node: wire.node == 0 ? nil : Int64(wire.node), base: wire.regressed ? wire.base : nil,
            incarnation: wire.incarnation == 0 ? nil : wire.incarnation)
        guard incarnation == nil || node != nil else { throw .value("incarnation without node") }
        safeToWipe = [UInt8](wire.safeToWipe)
    }

    var wire: WireWelcome {
        var wire = WireWelcome()
        wire.protocol = Limits.protocolVersion
        wire.catalogue = catalogue
        wire.officeMs = officeTime.milliseconds
        wire.run = run
        wire.acknowledgedPosting = acknowledgedPosting
        if let terms { wire.terms = terms.wire }
        wire.node = UInt32(node ?? 0)
        wire.regressed = base != nil
        wire.base = base ?? 0
        wire.incarnation = incarnation ?? 0
        wire.safeToWipe = Bytes(safeToWipe)
        return wire
    }
}

extension Verdicts {
    init(_ wire: WireVerdicts) throws(MalformedBytes) {
        let count = Int(wire.entryCount)
        guard (1...Limits.postingEntriesMax).contains(count) else {
            throw .value("entries of verdicts")
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
        guard wire.posting >= 1, wire.firstEntry >= 1, wire.firstEntry < 1 << 62 else {
            throw .value("verdicts of nothing")
        }
        let entries = wire.firstEntry..<wire.firstEntry + UInt64(count)
        guard
            (refused.map { UInt64(clamping: $0.entry) } + wire.nameTaken).allSatisfy(
                entries.contains)
        else { throw .value("a verdict on an entry of another posting") }
        self.init(
            posting: wire.posting,
            firstEntry: Int64(clamping: wire.firstEntry),
            corrections: try integers(wire.atLessWallMs, count),
            uncertainties: try integers(wire.uncertaintyMs, count), sequence: wire.sequence,
            refused: refused, nameTaken: wire.nameTaken.map { Int64(clamping: $0) },
            arrived: Moment(milliseconds: wire.arrivedMs), receipt: [UInt8](wire.receipt))
    }

    var wire: WireVerdicts {
        var wire = WireVerdicts()
        wire.posting = posting
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
    init(_ wire: WireWholeMoment) throws(MalformedBytes) {
        let (count, rest) = wire.digests.count.quotientAndRemainder(dividingBy: Terms.nameBytes)
        guard rest == 0, count <= Limits.scopesMax else { throw .value("digests") }
        let bytes = [UInt8](wire.digests)
        self.init(
            cursor: Cursor(run: wire.run, sequence: wire.sequence),
            digestNames: (0..<count).map {
                Array(bytes[$0 * Terms.nameBytes..<($0 + 1) * Terms.nameBytes])
            })
    }

    var wire: WireWholeMoment {
        var wire = WireWholeMoment()
        wire.run = cursor.run
        wire.sequence = cursor.sequence
        wire.digests = Bytes(digestNames.flatMap { $0 })
        return wire
    }
}

extension Enrolled {
    init(_ wire: WireEnrolled) throws(MalformedBytes) {
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
            officeKey: try PublicKey([UInt8](wire.officeKey)),
            sealingKey: try SealingKey([UInt8](wire.sealingKey)))
    }

    var wire: WireEnrolled {
        var wire = WireEnrolled()
        wire.organisation = UInt64(organisation.rawValue)
        wire.incarnation = incarnation
        wire.node = UInt32(node)
        wire.laptop = laptop
        wire.secret = Bytes(secret)
        wire.people = people.map { UInt64($0.rawValue) }
        wire.certificate = Bytes(certificate)
        wire.officeKey = Bytes(officeKey.bytes)
        wire.sealingKey = Bytes(sealingKey.bytes)
        return wire
    }
}
