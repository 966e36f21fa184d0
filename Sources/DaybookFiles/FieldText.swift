import DaybookModel

extension FieldDefinition {
    /// Reads what a person typed or a file holds. Throws ``ImportFault/Reason``-like faults as a value fault.
    ///
    /// Amounts are `12.50` or `12.50 CNY`; without a currency they take the one given. Flags are
    /// yes/no, true/false, 1/0, 是/否. References are stamps.
    public func parse(_ text: String, currency: Currency?) -> Result<Value, TextFault> {
        switch type {
        case .text, .choice, .records: return checked(.text(text))
        case .phone:
            guard let phone = PhoneNumber(text) else { return .failure(.notAPhoneNumber) }
            return .success(own(phone.value))
        case .integer, .quantity:
            guard let number = Int64(text.filter { $0 != "," && $0 != " " }) else {
                return .failure(.notANumber)
            }
            return .success(.integer(number))
        case .amount:
            guard let amount = Amount(text: text, currency: currency) else {
                return .failure(.notAnAmount)
            }
            return .success(.amount(amount))
        case .moment:
            guard let moment = Moment(text: text) else { return .failure(.notAMoment) }
            return .success(moment.value)
        case .day:
            guard let day = Day(text: text) else { return .failure(.notADay) }
            return .success(day.value)
        case .flag:
            switch text.lowercased() {
            case "1", "true", "yes", "是": return .success(true.value)
            case "0", "false", "no", "否": return .success(false.value)
            default: return .failure(.notAFlag)
            }
        case .reference, .record:
            guard let stamp = Stamp(text: text) else { return .failure(.notAStamp) }
            return .success(stamp.value)
        case .bytes: return checked(.bytes(Array(text.utf8)))
        // The book itself says it.
        case .hint: return .failure(.notANumber)
        }
    }

    private func checked(_ value: Value) -> Result<Value, TextFault> {
        switch faultWhenTyped(value) {
        case nil: .success(own(value))
        case .tooLong(let most)?: .failure(.tooLong(maxBytes: most))
        case .holdsNul?: .failure(.holdsNul)
        case .unknownChoice(let allowed)?: .failure(.unknownChoice(allowed: allowed))
        case .wrongType?, .outOfRange?, .notAPhoneNumber?: .failure(.notANumber)
        }
    }

    /// The text that ``parse(_:currency:)`` reads back.
    public func format(_ value: Value) -> String {
        switch (type, value) {
        case (.moment, .integer(let number)): Moment(milliseconds: number).description
        case (.day, .integer(let number)): Day(number: number).description
        case (.flag, .integer(let number)): number != 0 ? "yes" : "no"
        case (.reference, .integer(let number)), (.record, .integer(let number)):
            Stamp(rawValue: number)?.description ?? ""
        case (_, .integer(let number)): String(number)
        case (_, .text(let text)): text
        case (_, .bytes(let bytes)): String(decoding: bytes, as: UTF8.self)
        case (_, .amount(let amount)): amount.text
        case (_, .personal(let text)): text ?? ""
        }
    }
}

/// Why a text is no value of a field.
public typealias TextFault = ImportFault.Reason

extension ImportFault.Reason: Error {}
