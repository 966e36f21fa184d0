import DaybookModel
import DaybookProtocol
import DaybookStorage

extension AdminDesk {
    /// Laptops and who works on them.
    func manage(_ request: LaptopRequest) throws -> AdminAnswer {
        switch request {
        case .add(let name, let people, let scopes):
            let code = Invitation.code(randomBytes: surroundings.randomBytes(7))
            try store.addLaptop(
                name: name, people: people, scopes: scopes, code: code,
                now: surroundings.reading().wall)
            return .code(code, certificate: try authority())
        case .renewCode(let laptop):
            let code = Invitation.code(randomBytes: surroundings.randomBytes(7))
            try store.renewCode(of: laptop, code: code, now: surroundings.reading().wall)
            return .code(code, certificate: try authority())
        case .list: return .laptops(try laptops())
        case .setScopes(let laptop, let scopes):
            try store.setScopes(of: laptop, to: scopes)
            return .done
        case .setPeople(let laptop, let people):
            try store.setPeople(of: laptop, to: people)
            return .done
        case .giveStartCode(let person):
            let code = Invitation.code(randomBytes: surroundings.randomBytes(7))
            let (secret, key) = try SlowHash.making(
                code, salt: surroundings.randomBytes(SlowHash.saltBytes))
            try store.giveStartCode(
                to: person, secret, key: key, at: surroundings.reading().wall)
            return .startCode(code)
        case .revoke(let laptop):
            try store.revoke(laptop)
            return .done
        case .retire(let laptop, let undo):
            try store.retire(laptop, undo: undo)
            return .done
        case .allowMatters(let laptop):
            try store.allowMatters(of: laptop)
            return .done
        case .quarantined(let laptop, let last): return try quarantined(of: laptop, last: last)
        case .allowNameless(let laptop, let undo):
            try store.allowNameless(laptop, undo: undo)
            return .done
        case .silent:
            return .silent(
                try store.silentLaptops(at: surroundings.reading().wall).map {
                    Silence(laptop: $0.name, since: $0.since)
                })
        case .release(let laptop): return .released(try store.release(laptop).release)
        case .show(let laptop): return .laptop(try detail(of: laptop))
        }
    }

    /// What laptops know head office by.
    private func authority() throws -> [UInt8] {
        try store.authority(making: OwnCertificates.newAuthority).certificate
    }

    private func laptops() throws -> [LaptopStatus] {
        let lines = try store.laptops()
        return try store.read { view in
            try lines.map { line in
                LaptopStatus(
                    name: line.name, isEnrolled: line.isEnrolled, isRevoked: line.isRevoked,
                    heard: line.heard, clockErrorMilliseconds: line.clockErrorMilliseconds,
                    postings: line.postings, scopes: try line.scopes.map { try view.title(of: $0) },
                    people: try line.people.map { try view.title(of: $0) },
                    isRetiring: line.isRetiring, wipeable: line.wipeable)
            }
        }
    }

    private func detail(of name: String) throws -> LaptopDetail {
        guard let status = try laptops().first(where: { $0.name == name }) else {
            throw OfficeStore.LaptopFault.unknown(name)
        }
        let held = try store.holdings(of: name)
        return try store.read { view in
            LaptopDetail(
                status: status, enrolled: held.enrolled, keys: held.keys,
                incarnations: held.incarnations, lastArrived: held.lastArrived,
                matterBytes: held.matterBytes,
                records: try held.records.map {
                    LaptopDetail.Count(name: try view.title(of: $0.scope), records: $0.count)
                },
                personal: held.personal.map {
                    LaptopDetail.Count(name: $0.collection, records: $0.count)
                })
        }
    }
}
