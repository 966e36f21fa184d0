import DaybookFiles
import DaybookModel
import DaybookProtocol

/// Everything that reads bytes which somebody else wrote. Whatever it is given, a decoder throws its own error or
/// reads something that says the same when it is written and read again; a trap is a finding.
enum Decoder: String, CaseIterable {
    case frames, messages, columns, bundles, csv, canonical, texts

    private var key: DeviceKey {
        get throws { try DeviceKey(bytes: [UInt8](repeating: 2, count: DeviceKey.sizeBytes)) }
    }

    func take(_ bytes: [UInt8]) {
        switch self {
        case .frames: frames(bytes)
        case .messages: messages(bytes)
        case .columns: columns(bytes)
        case .bundles: bundles(bytes)
        case .csv: csv(bytes)
        case .canonical: canonical(bytes)
        case .texts: texts(bytes)
        }
    }

    /// As they come, in pieces; and as a payload whose header is right, so that the inflating is reached.
    private func frames(_ bytes: [UInt8]) {
        read(bytes, pieces: 7)
        guard bytes.count >= 4 else { return }
        let size = Int(bytes[1]) << 16 | Int(bytes[2]) << 8 | Int(bytes[3])
        let head = Frame.header(
            kind: bytes[0] % 17 + 1, encoding: bytes[0] / 85 % 3, rawCount: size,
            payload: Array(bytes[4...]))
        read(head + bytes[4...], pieces: 1)
    }

    private func read(_ bytes: [UInt8], pieces: Int) {
        var reader = FrameReader()
        let size = max(1, bytes.count / pieces)
        var start = 0
        do {
            while start < bytes.count {
                reader.append(bytes[start..<min(start + size, bytes.count)])
                start += size
                while let frame = try reader.next() { check(frame) }
            }
        } catch {
            return
        }
    }

    private func messages(_ bytes: [UInt8]) {
        guard let first = bytes.first, let kind = FrameKind(rawValue: first % 17 + 1) else {
            return
        }
        check(Frame(kind: kind, raw: Array(bytes.dropFirst())))
    }

    /// A message that reads says the same when it is said again.
    private func check(_ frame: Frame) {
        guard let message = try? Message(frame) else { return }
        switch message {
        case .posting(let received):
            // Said again it may be in other words, which must not be more than a frame holds.
            guard
                let sealed = try? SealedPosting(
                    received.posting, key: try key, personal: received.personal),
                let again = try? sealed.content()
            else { return }
            precondition(again.posting == received.posting, "a posting changed")
            precondition(again.personal == received.personal, "a personal part changed")
            for entry in again.posting.entries { _ = sha256(Canonical.bytes(of: entry)) }
        case .returned: return
        default:
            guard let said = try? message.frame() else { return }
            let again = try? Message(said)
            precondition(again == message, "\(message.kind) changed")
        }
    }

    private func columns(_ bytes: [UInt8]) {
        guard bytes.count >= 3 else { return }
        let count = Int(bytes[1]) << 8 | Int(bytes[2])
        let rest = Array(bytes[3...])
        if bytes[0] & 2 == 2 {
            guard let values = try? PersonalValues(rest) else { return }
            precondition((try? PersonalValues(values.encoded())) == values, "values changed")
        } else if bytes[0] & 1 == 0 {
            guard let values = try? IntegerColumn.decode(rest, count: count) else { return }
            let again = try? IntegerColumn.decode(IntegerColumn.encode(values), count: count)
            precondition(again == values, "integers changed")
        } else {
            var budget = DecodeBudget(rowsMax: Limits.feedRecordsMax)
            guard let values = try? BlobColumn.decode(rest, count: count, budget: &budget) else {
                return
            }
            budget = DecodeBudget(rowsMax: Limits.feedRecordsMax)
            let said = BlobColumn.encode(values)
            let again = try? BlobColumn.decode(said, count: count, budget: &budget)
            precondition(again == values, "blobs changed")
        }
    }

    private func bundles(_ bytes: [UInt8]) {
        // As it comes, in pieces.
        let size = max(1, bytes.count / 3)
        let opened = try? BundleFile.opened { each in
            for start in stride(from: 0, to: bytes.count, by: size) {
                try each(Array(bytes[start..<min(start + size, bytes.count)]))
            }
        }
        precondition(
            (opened != nil) == ((try? BundleFile.opened(bytes)) != nil), "pieces make a difference")
        guard
            let sealed = try? BundleFile.sealed(
                [bytes], incarnation: 7, isAnswer: bytes.count % 2 == 0, secretHash: [1])
        else { return }
        try? BundleFile.opened(sealed).forEachFrame(secretHash: [1]) { check($0) }
    }

    /// However the bytes are cut, the records are the same; and written again they read the same.
    private func csv(_ bytes: [UInt8]) {
        let whole = records(bytes, pieces: 1)
        precondition(whole == records(bytes, pieces: 5), "records depend on how they come")
        guard case .success(let records) = whole else { return }
        let written = records.map { CSVWriter.line($0.fields) }.joined()
        guard case .success(let again) = self.records(Array(written.utf8), pieces: 1) else {
            preconditionFailure("what was written does not read")
        }
        // A record of one empty field is an empty line, which is no record.
        let wanted = records.map(\.fields).filter { $0 != [""] }
        precondition(again.map(\.fields) == wanted, "records changed")
    }

    private func records(_ bytes: [UInt8], pieces: Int) -> Result<[CSVRecord], CSVFault> {
        var reader = CSVReader()
        var records: [CSVRecord] = []
        let size = max(1, bytes.count / pieces)
        do {
            for start in stride(from: 0, to: bytes.count, by: size) {
                let piece = bytes[start..<min(start + size, bytes.count)]
                try reader.take(piece) { records.append($0) }
            }
            try reader.finish { records.append($0) }
            return .success(records)
        } catch let fault as CSVFault {
            return .failure(fault)
        } catch {
            preconditionFailure("\(error) is no error of the reader")
        }
    }

    /// What books keep in their cells: records, values, unknown fields, stamps.
    private func canonical(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        switch first % 5 {
        case 0:
            guard let record = try? Canonical.record(rest) else { return }
            let again = try? Canonical.record(Canonical.bytes(of: record))
            precondition(again == record, "a record changed")
        case 1:
            guard let value = try? Canonical.value(rest) else { return }
            let said = Canonical.bytes(of: value)
            precondition((try? Canonical.value(said)) == .some(value), "a value changed")
        case 2: _ = try? Canonical.values(rest)
        case 3:
            guard let fields = try? Canonical.fields(rest) else { return }
            let said = Canonical.bytes(of: fields)
            precondition((try? Canonical.fields(said)) == fields, "fields changed")
        default:
            guard let stamps = try? Canonical.stamps(rest) else { return }
            precondition(Canonical.bytes(of: stamps) == rest, "stamps changed")
        }
    }

    /// What people type and files hold: a text that reads as a value is written so that it reads as the same.
    private func texts(_ bytes: [UInt8]) {
        let text = String(decoding: bytes, as: UTF8.self)
        if let stamp = Stamp(text: text) {
            precondition(Stamp(text: stamp.description) == stamp, "a stamp changed")
        }
        if let moment = Moment(text: text) {
            precondition(Moment(text: moment.description) == moment, "a moment changed")
        }
        if let day = Day(text: text) {
            precondition(Day(text: day.description) == day, "a day changed")
        }
        if let amount = Amount(text: text, currency: Currency("CNY")) {
            let again = Amount(text: amount.text, currency: nil)
            precondition(again == amount, "an amount changed")
        }
        if let phone = PhoneNumber(text) {
            precondition(PhoneNumber(phone.description) == phone, "a telephone number changed")
        }
    }
}
