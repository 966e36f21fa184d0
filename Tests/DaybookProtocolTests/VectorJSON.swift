import DaybookModel
import DaybookProtocol
import Foundation

/// A message as the vectors tell it. Source: `Protocol/SPEC.md`, "Vectors".
enum VectorJSON {
    static func object(_ message: Message) -> [String: Any] {
        var object: [String: Any] = ["kind": "\(message.kind)"]
        switch message {
        case .hello(let hello): object.merge(of(hello)) { $1 }
        case .posting(let received): object.merge(of(received)) { $1 }
        case .welcome(let welcome): object.merge(of(welcome)) { $1 }
        case .verdicts(let verdicts): object.merge(of(verdicts)) { $1 }
        case .feed(let page): object.merge(of(page)) { $1 }
        case .returned(let returned):
            object.merge(of(returned.page)) { $1 }
            object["proof"] = hexadecimal(returned.proven.proof)
        case .taken(let taken):
            object["count"] = taken.count
            object["sequence"] = taken.sequence
        case .compare(let compare):
            object["scope"] = compare.scope.rawValue
            object["ranges"] = compare.ranges.map { [$0.first.rawValue, $0.last.rawValue] }
        case .compared(let compared):
            object["scope"] = compared.scope.rawValue
            object["ranges"] = compared.ranges.map {
                [
                    $0.range.first.rawValue, $0.range.last.rawValue,
                    hexadecimal($0.digest.bytes), $0.digest.count,
                ] as [Any]
            }
            object["leaves"] = compared.leaves.map {
                var leaf = of($0.page)
                leaf["first"] = $0.range.first.rawValue
                leaf["last"] = $0.range.last.rawValue
                return leaf
            }
        case .bundle(let bundle):
            object["incarnation"] = bundle.incarnation
            object["answer"] = bundle.isAnswer
            object["proof"] = hexadecimal(bundle.proof)
            object["bytes"] = bundle.bytes
        case .moment(let moment):
            object["run"] = moment.cursor.run
            object["sequence"] = moment.cursor.sequence
            object["digests"] = moment.digestNames.map(hexadecimal)
        case .refusal(let refusal):
            object["code"] = refusal.code?.rawValue ?? 0
            object["detail"] = refusal.detail
            object["retry_after_ms"] = refusal.retryAfterMilliseconds
            object["kept_posting"] = refusal.keptPosting
        case .still(let still):
            object["incarnation"] = still.incarnation
            object["sequence"] = still.sequence
            object["name"] = hexadecimal(still.name)
            object["wall"] = still.wall.milliseconds
        case .quiet(let moment): object["office_time"] = moment.milliseconds
        case .done(let more): object["more"] = more
        case .enrol(let enrol):
            object["code"] = enrol.code
            object["catalogue"] = enrol.catalogue
            object["certificate"] = hexadecimal(enrol.certificate)
            object["key"] = hexadecimal(enrol.key?.bytes ?? [])
            object["signature"] = hexadecimal(enrol.signature)
        case .enrolled(let enrolled):
            object["organisation"] = enrolled.organisation.rawValue
            object["incarnation"] = enrolled.incarnation
            object["node"] = enrolled.node
            object["laptop"] = enrolled.laptop
            object["secret"] = hexadecimal(enrolled.secret)
            object["people"] = enrolled.people.map(\.rawValue)
            object["certificate"] = hexadecimal(enrolled.certificate)
            object["office_key"] = hexadecimal(enrolled.officeKey.bytes)
            object["sealing_key"] = hexadecimal(enrolled.sealingKey.bytes)
        }
        return object
    }

    private static func of(_ hello: Hello) -> [String: Any] {
        var object: [String: Any] = [
            "protocol_min": hello.protocolMin, "protocol_max": hello.protocolMax,
            "catalogue": hello.catalogue, "incarnation": hello.incarnation,
            "wall": hello.clock.wall.milliseconds,
            "monotonic": hello.clock.monotonicMilliseconds, "boot": hello.clock.boot,
            "scopes": hello.scopes.sorted { $0.key < $1.key }.map {
                [UInt64($0.key.rawValue), $0.value]
            },
            "gaining": hello.gaining.sorted().map(\.rawValue),
            "last_posting": hello.lastPosting,
            "last_posting_name": hexadecimal(hello.lastPostingName),
            "wants_node": hello.wantsNode, "wants_incarnation": hello.wantsIncarnation,
            "returning": hello.isReturning,
            "keys": hello.keys.map { [hexadecimal($0.key.bytes), hexadecimal($0.signature)] },
            "past": hello.past.map { [$0.run, $0.sequence] },
            "terms_name": hexadecimal(hello.termsName), "retiring": hello.isRetiring,
            "personal_days": of(hello.personalDays),
            "reading": of(hello.reading.mapValues { Int($0) }),
        ]
        object["scopes_name"] = hello.scopesName.map(hexadecimal)
        if let held = hello.held { object["held"] = [held.run, held.sequence] }
        return object
    }

    private static func of(_ received: ReceivedPosting) -> [String: Any] {
        let posting = received.posting
        var object: [String: Any] = [
            "incarnation": posting.incarnation, "number": posting.number,
            "previous_hash": hexadecimal(posting.previousHash), "catalogue": posting.catalogue,
            "hash": hexadecimal(received.hash), "signature": hexadecimal(received.signature),
            "entries": posting.entries.map(of),
            "personal_hash": hexadecimal(posting.personalHash),
        ]
        if let personal = received.personal {
            object["lock"] = hexadecimal(personal.capsule)
            object["boxes"] = personal.boxes.map {
                [$0.entry, $0.entries, $0.counter, hexadecimal($0.bytes)] as [Any]
            }
        }
        return object
    }

    private static func of(_ days: [Stamp: Int]) -> [[Int64]] {
        days.sorted { $0.key < $1.key }.map { [$0.key.rawValue, Int64($0.value)] }
    }

    /// What head office reads in a posting: beside the message, since who decodes it alone cannot.
    static func opened(_ received: ReceivedPosting, by key: OfficeKey) throws -> [String: Any]? {
        guard let personal = received.personal else { return nil }
        let (lock, plain, said) = try personal.inspected(by: key, received.posting.entries)
        return [
            "key": hexadecimal(lock), "plain": plain.map(hexadecimal),
            "said": said.map { one in
                [
                    one.entry, one.place, hexadecimal(one.salt),
                    one.values.map { [$0.tag, $0.text] as [Any] },
                ] as [Any]
            },
            "entries": try received.opened(by: key).map { entry in
                [entry.number, hexadecimal(entry.personalHash), entry.newNode] as [Any]
            },
        ]
    }

    private static func of(_ entry: Entry) -> [String: Any] {
        var object: [String: Any] = [
            "number": entry.number, "wall": entry.clock.wall.milliseconds,
            "monotonic": entry.clock.monotonicMilliseconds, "boot": entry.clock.boot,
            "changes": entry.changes.map(of),
            "canonical": hexadecimal(Canonical.bytes(of: entry)),
        ]
        // With what names persons in it another: see what is opened.
        if !entry.changes.contains(where: \.namesSomebody) {
            object["new_node"] = entry.newNode
        }
        object["person"] = entry.person?.rawValue
        return object
    }

    private static func of(_ change: Change) -> [String: Any] {
        switch change {
        case .birth(let birth):
            return [
                "birth": birth.id.rawValue, "collection": birth.collection,
                "scope": birth.scope.rawValue, "fields": of(birth.fields),
            ]
        case .edit(let edit):
            var object: [String: Any] = [
                "edit": edit.stamp.rawValue, "record": edit.record.rawValue,
                "collection": edit.collection, "field": edit.field,
                "replaces": edit.replaces.map(\.rawValue),
            ]
            object["value"] = edit.value.map(of)
            return object
        case .removal(let removal):
            return [
                "removal": removal.stamp.rawValue, "record": removal.record.rawValue,
                "collection": removal.collection, "seen": removal.seen.map(\.rawValue),
            ]
        }
    }

    private static func of(_ welcome: Welcome) -> [String: Any] {
        var object: [String: Any] = [
            "catalogue": welcome.catalogue, "office_time": welcome.officeTime.milliseconds,
            "run": welcome.run, "acknowledged_posting": welcome.acknowledgedPosting,
            "node": welcome.node ?? 0, "regressed": welcome.base != nil,
            "base": welcome.base ?? 0, "incarnation": welcome.incarnation ?? 0,
            "safe_to_wipe": hexadecimal(welcome.safeToWipe),
        ]
        object["terms"] = welcome.terms.map(of)
        return object
    }

    private static func of(_ terms: Terms) -> [String: Any] {
        [
            "scopes": terms.scopes.map(\.rawValue), "personal_days": of(terms.personalDays),
            "reading": of(terms.reading.mapValues { Int($0) }), "name": hexadecimal(terms.name),
            "key_name": hexadecimal(terms.keyName), "backup_mark": terms.backupMark,
            "retiring": terms.isRetiring,
            "silent": terms.silent.map { one in
                [one.name, one.since.milliseconds, one.scopes.map(\.rawValue)] as [Any]
            },
            "people": terms.people.map { one in
                [
                    one.person.rawValue, one.code?.issued.milliseconds ?? 0,
                    hexadecimal(one.code?.secret.salt ?? []),
                    hexadecimal(one.code?.secret.hash ?? []), hexadecimal(one.code?.keys ?? []),
                ] as [Any]
            },
        ]
    }

    private static func of(_ page: FeedPage) -> [String: Any] {
        [
            "scope": page.scope.rawValue, "run": page.run, "after": page.after,
            "through": page.through, "personal": hexadecimal(page.personal),
            "records": page.served.map { served in
                var object = of(served.record)
                object["sequence"] = served.sequence
                return object
            },
            "removed": page.removed.map {
                [Int64($0.collection), $0.id.rawValue, Int64($0.sequence)]
            },
        ]
    }

    private static func of(_ verdicts: Verdicts) -> [String: Any] {
        [
            "posting": verdicts.posting,
            "first_entry": verdicts.firstEntry, "corrections": verdicts.corrections,
            "uncertainties": verdicts.uncertainties, "sequence": verdicts.sequence,
            "name_taken": verdicts.nameTaken, "receipt": hexadecimal(verdicts.receipt),
            "arrived": verdicts.arrived.milliseconds,
            "refused": verdicts.refused.map {
                [
                    "entry": $0.entry, "stamp": $0.stamp.rawValue, "reason": $0.reason,
                    "detail": $0.detail,
                ] as [String: Any]
            },
        ]
    }

    private static func of(_ record: Record) -> [String: Any] {
        var object: [String: Any] = [
            "collection": record.collection, "id": record.id.rawValue,
            "scope": record.scope.rawValue, "at": record.at.milliseconds,
            "fields": of(record.fields),
            "canonical": hexadecimal(Canonical.bytes(of: record)),
            "heads": record.heads.map { held in
                var object: [String: Any] = [
                    "field": held.tag, "shown": held.shown.rawValue,
                    "time": held.shownTime.milliseconds,
                    "others": held.others.map { other in
                        var object: [String: Any] = [
                            "stamp": other.stamp.rawValue, "time": other.time.milliseconds,
                        ]
                        object["value"] = other.value.map(of)
                        object["by"] = other.by?.rawValue
                        return object
                    },
                ]
                object["by"] = held.shownBy?.rawValue
                return object
            },
        ]
        object["by"] = record.by?.rawValue
        if record.uncertaintyMilliseconds != 0 {
            object["within"] = record.uncertaintyMilliseconds
        }
        return object
    }

    private static func of(_ fields: [FieldValue]) -> [[Any]] {
        fields.map { [$0.tag, of($0.value)] }
    }

    private static func of(_ value: Value) -> [String: Any] {
        switch value {
        case .integer(let number): ["integer": number]
        case .text(let text): ["text": text]
        case .bytes(let bytes): ["bytes": hexadecimal(bytes)]
        case .amount(let amount):
            ["amount": amount.minor, "currency": amount.currency.code]
        case .personal: ["personal": true]
        }
    }
}
