import DaybookModel
import FoundationEssentials

/// What head office says.
extension Welcome {
    init(_ wire: WireWelcome) throws(MalformedBytes) {
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
        isRetiring = wire.retiring
        if !wire.personalDays.isEmpty {
            guard wire.personalDays.count == scopes.count else { throw .value("personal days") }
            for (scope, days) in zip(scopes, wire.personalDays) where days > 0 {
                personalDays[scope] = Int(days)
            }
        }
        safeToWipe = [UInt8](wire.safeToWipe)
        roster = wire.hasRoster ? try Roster(wire.roster) : nil
    }

    var wire: WireWelcome {
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
        wire.retiring = isRetiring
        wire.safeToWipe = Bytes(safeToWipe)
        if !personalDays.isEmpty {
            wire.personalDays = scopes.map { UInt32(clamping: personalDays[$0] ?? 0) }
        }
        if let roster { wire.roster = roster.wire }
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

    var wire: WireVerdicts {
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
    init(_ wire: WireWholeMoment) throws(MalformedBytes) {
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

    var wire: WireWholeMoment {
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
