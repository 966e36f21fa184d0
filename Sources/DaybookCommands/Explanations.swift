import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookWords

extension BookFault: Explained {
    public var words: String {
        switch self {
        case .missing(let path): Word.faultMissing.text(path)
        case .exists(let path): Word.faultExists.text(path)
        case .foreign(let path): Word.faultForeign.text(path)
        case .newer(let path): Word.faultNewer.text(path)
        case .readOnly(let path): Word.faultReadOnly.text(path)
        case .damaged(let path, let detail): Word.faultDamaged.text(path, detail)
        case .diskFull: Word.faultDiskFull.text()
        case .busy(let path): Word.faultBusy.text(path)
        case .io(let path, let detail): Word.faultIO.text(path, detail)
        case .notDurable(let path): Word.faultNotDurable.text(path)
        }
    }

    public var exitCode: Int32 {
        switch self {
        case .missing, .exists: ExitCodes.noBook
        case .foreign, .newer, .damaged: ExitCodes.damagedBook
        case .readOnly, .diskFull, .busy, .io, .notDurable: ExitCodes.disk
        }
    }
}

extension BookRetiring: Explained {
    public var words: String { Word.bookRetiring.text() }
    public var exitCode: Int32 { ExitCodes.refused }
}

extension FileFault: Explained {
    public var words: String { asBookFault.words }
    public var exitCode: Int32 { asBookFault.exitCode }

    private var asBookFault: BookFault {
        switch kind {
        case .missing: .missing(path: path)
        case .exists: .exists(path: path)
        case .readOnly: .readOnly(path: path)
        case .full: .diskFull(path: path)
        case .other: .io(path: path, detail: detail)
        }
    }
}

extension ChangeFault: Explained {
    public var words: String {
        switch self {
        case .field(let name, let fault): Word.faultField.text(name, fault.words)
        case .missing(let name): Word.faultMissingField.text(name)
        case .tooLarge(let size, let most): Word.faultTooLarge.text("\(size)", "\(most)")
        case .unknownCollection(let tag): Word.usageUnknownCollection.text("\(tag)", "")
        case .unknownField(let name): Word.usageUnknownField.text(name, "")
        case .againstRule(let name):
            RuleWords.text(name)
        case .personalLocked: Word.faultPersonalLocked.text()
        case .refused(.recordUnknown): Word.faultUnknownReference.text()
        case .refused(let reason): RefusalWords.text(reason.rawValue, detail: "")
        }
    }

    public var exitCode: Int32 { ExitCodes.refused }
}

extension ValueFault {
    var words: String {
        switch self {
        case .wrongType: Word.valueWrongType.text()
        case .tooLong(let most): Word.valueTooLong.text("\(most)")
        case .holdsNul: Word.valueNul.text()
        case .outOfRange: Word.valueOutOfRange.text()
        case .notAPhoneNumber: Word.valuePhone.text()
        case .unknownChoice(let choices): Word.valueChoice.text(choices.joined(separator: ", "))
        }
    }
}

extension ImportFault.Reason {
    public var words: String {
        switch self {
        case .missing: Word.valueMissing.text()
        case .notANumber: Word.valueNumber.text()
        case .notAnAmount: Word.valueAmount.text()
        case .notAMoment: Word.valueMoment.text()
        case .notADay: Word.valueDay.text()
        case .notAFlag: Word.valueFlag.text()
        case .notAPhoneNumber: Word.valuePhone.text()
        case .notAStamp: Word.valueStamp.text()
        case .tooLong(let most): Word.valueTooLong.text("\(most)")
        case .holdsNul: Word.valueNul.text()
        case .unknownChoice(let allowed): Word.valueChoice.text(allowed.joined(separator: ", "))
        case .unknownColumn: Word.valueUnknownColumn.text()
        case .emptyRow: Word.valueEmptyRow.text()
        }
    }
}

extension CSVFault: Explained {
    public var words: String {
        switch self {
        case .unclosedQuote(let line): Word.csvUnclosed.text("\(line)")
        case .textAfterQuote(let line, let column): Word.csvAfterQuote.text("\(line)", "\(column)")
        case .quoteInField(let line, let column):
            Word.csvQuoteInField.text("\(line)", "\(column)")
        case .fieldTooLong(let line, let column, let most):
            Word.csvFieldTooLong.text("\(line)", "\(column)", "\(most)")
        case .tooManyFields(let line, let most): Word.csvTooManyFields.text("\(line)", "\(most)")
        case .notText(let line): Word.csvNotText.text("\(line)")
        }
    }

    public var exitCode: Int32 { ExitCodes.refused }
}

extension TextFileFault: Explained {
    public var words: String {
        switch self {
        case .unreadable(let path): Word.textUnreadable.text(path)
        case .wrongEncoding(let offset): Word.textEncoding.text("\(offset)")
        }
    }

    public var exitCode: Int32 { ExitCodes.refused }
}

extension Acts.Fault: Explained {
    public var words: String {
        switch self {
        case .answerMissing(let question): Word.actAnswerMissing.text(question)
        case .answerOutsideForm(let question): Word.actAnswerOutside.text(question)
        case .answerNotAChoice(let question, let choices):
            Word.actAnswerChoice.text(question, choices.joined(separator: " | "))
        case .answerNotA(let question, let kind): Word.actAnswerKind.text(question, kind)
        case .quantityNotPositive: Word.actQuantity.text()
        case .noLines: Word.actNoLines.text()
        case .priceUnknown(let product): Word.actPrice.text(product)
        case .beyondShare(let product, let left): Word.actShare.text(product, "\(left)")
        case .notTheHolder(let laptop): Word.actHolder.text(laptop)
        }
    }

    public var exitCode: Int32 { ExitCodes.refused }
}

extension Refusal: Explained {
    public var words: String {
        switch code {
        case .malformed: Word.refusalMalformed.text()
        case .protocolTooOld: Word.refusalTooOld.text()
        case .protocolTooNew: Word.refusalTooNew.text()
        case .notEnrolled: Word.refusalNotEnrolled.text()
        case .revoked: Word.refusalRevoked.text()
        case .postingGap: Word.refusalGap.text()
        case .postingForked: Word.refusalForked.text()
        case .tooLarge: Word.refusalTooLarge.text()
        case .busy: Word.refusalBusy.text()
        case .wrongOrder: Word.refusalOrder.text()
        case .codeUnknown: Word.refusalCode.text()
        case .internalFault: Word.refusalInternal.text()
        case .signatureWrong: Word.refusalSignature.text()
        case .personalWrong: Word.refusalPersonal.text()
        case nil: Word.refusalUnknown.text()
        }
    }

    public var exitCode: Int32 {
        code == .busy || code == .internalFault ? ExitCodes.offline : ExitCodes.refused
    }
}

/// Head office's reasons for refusing an edit, in words.
public enum RefusalWords {
    public static func text(_ code: UInt32, detail: String) -> String {
        switch RefusalReason(rawValue: code) {
        case .notInScope: Word.reasonNotInScope.text()
        case .factIsNeverEdited: Word.reasonFact.text()
        case .stageMovesByDecision: Word.reasonStage.text()
        case .invalidValue: Word.reasonInvalid.text()
        case .recordUnknown: Word.reasonUnknownRecord.text()
        case .againstRule: RuleWords.text(detail)
        case .notAllowed: Word.reasonNotAllowed.text()
        case nil: Word.reasonUnknown.text("\(code)")
        }
    }
}
