import DaybookModel
import FoundationEssentials

extension Hello {
    init(_ wire: WireHello) throws(MalformedBytes) {
        guard wire.scopes.count <= Limits.scopesMax else {
            throw .tooLarge(what: "scopes", limit: Limits.scopesMax)
        }
        guard wire.lastPostingName.count == (wire.lastPosting == 0 ? 0 : Terms.nameBytes) else {
            throw .value("last posting's name")
        }
        guard [0, Terms.nameBytes].contains(wire.scopesName.count),
            wire.scopesName.isEmpty || wire.scopes.isEmpty && wire.hasHeld
        else { throw .value("scopes told twice") }
        var scopes: [Stamp: UInt64] = [:]
        var gaining: Set<Stamp> = []
        var personalDays: [Stamp: Int] = [:]
        var reading: [Stamp: UInt32] = [:]
        for cursor in wire.scopes {
            let scope = try stamp(cursor.scope)
            scopes[scope] = cursor.sequence
            if cursor.gaining { gaining.insert(scope) }
            if cursor.reading != 0 { reading[scope] = cursor.reading }
            if cursor.personalDays > 0 { personalDays[scope] = Int(cursor.personalDays) }
        }
        self.init(
            catalogue: wire.catalogue, incarnation: wire.incarnation,
            clock: ClockReading(
                wall: Moment(milliseconds: wire.clock.wallMs),
                monotonicMilliseconds: wire.clock.monotonicMs, boot: wire.clock.boot),
            held: wire.hasHeld
                ? Cursor(run: wire.held.run, sequence: wire.held.sequence) : nil,
            scopes: scopes, gaining: gaining, lastPosting: wire.lastPosting,
            lastPostingName: [UInt8](wire.lastPostingName), wantsNode: wire.wantsNode)
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
        self.personalDays = personalDays
        self.reading = reading
        guard wire.termsName.count <= Terms.nameBytesMax else { throw .value("name") }
        termsName = [UInt8](wire.termsName)
        scopesName = wire.scopesName.isEmpty ? nil : [UInt8](wire.scopesName)
        isRetiring = wire.retiring
        protocolMin = wire.protocolMin
        protocolMax = wire.protocolMax
    }

    var wire: WireHello {
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
        wire.scopesName = Bytes(scopesName ?? [])
        wire.scopes = (scopesName == nil ? scopes : [:]).sorted { $0.key < $1.key }.map {
            scope, sequence in
            var cursor = WireScopeCursor()
            cursor.scope = UInt64(scope.rawValue)
            cursor.sequence = sequence
            cursor.gaining = gaining.contains(scope)
            cursor.personalDays = UInt32(clamping: personalDays[scope] ?? 0)
            cursor.reading = reading[scope] ?? 0
            return cursor
        }
        wire.lastPosting = lastPosting
        wire.lastPostingName = Bytes(lastPostingName)
        wire.wantsNode = wantsNode
        wire.past = past.map { cursor in
            var wire = WireCursor()
            wire.run = cursor.run
            wire.sequence = cursor.sequence
            return wire
        }
        wire.wantsIncarnation = wantsIncarnation
        wire.returning = isReturning
        wire.termsName = Bytes(termsName)
        wire.retiring = isRetiring
        wire.keys = keys.map { change in
            var wire = WireKeyChange()
            wire.key = Bytes(change.key.bytes)
            wire.signature = Bytes(change.signature)
            return wire
        }
        return wire
    }
}
