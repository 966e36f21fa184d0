/// Everything that a person reads, except the catalogue's own labels.
public enum Word: Sendable, CaseIterable {
    // What the executables are.
    case daybookAbstract, serverAbstract
    // Commands of the laptop.
    case enrolAbstract, agentAbstract, syncAbstract, statusAbstract, inboxAbstract
    case loginAbstract, logoutAbstract, pinAbstract
    case addAbstract, editAbstract, removeAbstract, listAbstract, showAbstract, importAbstract
    case exportAbstract, signupAbstract, signupAddAbstract, giftAbstract, giftGiveAbstract
    case countAbstract, countStartAbstract, countLineAbstract, countFinishAbstract, stockAbstract
    case stockMoveAbstract, stockShowAbstract, loanAbstract, loanOutAbstract, loanBackAbstract
    case saleAbstract, saleAddAbstract
    // Commands of head office.
    case initAbstract, serveAbstract, officeStatusAbstract, figuresAbstract, storeAbstract
    case staffAbstract, eventAbstract, laptopAbstract, storeAddAbstract, staffAddAbstract
    case eventOpenAbstract, questionAddAbstract, laptopAddAbstract, laptopListAbstract
    case laptopScopesAbstract, laptopRevokeAbstract, demoAbstract, officeEditAbstract
    case backupAbstract, restoreAbstract, verifyAbstract, recoveryAbstract, repairAbstract
    case laptopCodeAbstract, usageNoCode
    case proveAbstract, receiptsAbstract
    case bundleAbstract, bundleWriteAbstract, bundleReadAbstract, officeBundleReadAbstract
    case bundleFileHelp, backupFileHelp, answerFileHelp, againstHelp
    // Options and arguments.
    case officeAddressHelp, certificateHelp, certificateKeyHelp, tlsHelp, plainHTTPHelp
    case usagePort, usageAddress, usagePlainAndTLS, usageLast, usageCertificate
    case usageCode, usageOffice, usagePlain, usageCertificateAndKey, faultUntrusted
    case bookHelp, folderHelp, jsonHelp, officeHelp, codeHelp, personHelp, collectionHelp
    case assignmentsHelp, recordHelp, settleHelp, lastHelp, fileHelp, kindHelp, keepGoingHelp
    case oneByOneHelp, encodingHelp, checkHelp, eventHelp, boothHelp, nameHelp, phoneHelp, noteHelp,
        answerHelp
    case signupHelp, productHelp, quantityHelp, storeHelp, countHelp, placeHelp, movementKindHelp
    case itemHelp, holderHelp, damageHelp, linesHelp, paymentHelp, keyHelp, currencyHelp, hostHelp
    case portHelp, scopesHelp, rankHelp, addressHelp, startsOnHelp, promptHelp, questionKindHelp
    case choicesHelp, requiredHelp, reportHelp, monthHelp, productsHelp, basketsHelp, outputHelp
    case demoFolderHelp
    // What happened.
    case enrolled, enrolledNext, written, edited, removed, synced, syncCut, syncRefusals
    case syncDiffers, nothingNew, agentRuns, agentStops, statusLaptop, statusOffice
    case statusUnanswered, statusAllPosted, statusRefusals, statusNameTaken, statusNeverSynced
    case statusDiffers, statusChecked, statusDamaged, inboxEmpty, listEmpty, imported
    case importedMadeUp, importRejected, exported, initDone, initNext, serving, served, codeGiven
    case codeNext, laptopEmpty, officeIs, countBegun, countEnded, done
    case backedUp, restored, restoredBefore, restoredNext, verified, verifiedAgainst, verifiedWrong
    case recoveryNothing, recoveryBase, recoveryReturned, recoveryAwaited, recoveryRegained
    case recoveryRenamed, recoveryMissing, recoveryLaptops, recoveryNobody, bundleOvertaken,
        repaired, repairedNothing, repairUnmended
    case bundleWritten, bundleTaken, bundleRead, bundleReadRefused, statusOwed, syncReturned
    case syncMended, hereOnly, thereOnly, otherwise
    // People and their PINs.
    case staffAssignAbstract, staffUnassignAbstract, staffPinAbstract, laptopPeopleAbstract
    case unitHelp, startCodeGiven, startCodeNext, askPin, askStartCode, askNewPin, askNewPinAgain
    case loggedIn, loggedOut, pinChanged, usageWhoLogsIn, usagePinsDiffer, usageNothingTyped
    case loginNotHere, loginNoStartCode, loginStartCodeWanted, loginWrong, loginWait, loginLocked
    case pinTooShort, pinTooLong, pinTooSimple, statusWorker, statusNobody
    case metricsAbstract, adminNotServing, laptopAllowAbstract, laptopMatters
    // Laptops that are not heard from.
    case silentOne, silentMany
    case laptopNamelessAbstract, laptopNamelessNext
    // What revoked laptops bring.
    case quarantineAbstract, quarantineListAbstract, quarantineTakeAbstract, quarantineEmpty
    case quarantineMore, quarantineNext, quarantineTaken, quarantineStays, quarantineNamesTaken
    case headWritten, headWhat, headContent, headRecorded, headEdited, headRemoved
    // What people must settle.
    case mattersAbstract, mattersListAbstract, mattersShowAbstract, mattersSettleAbstract
    case mattersUndoAbstract, matterKindHelp, matterPlaceHelp, gradeHelp, mostHelp
    case mattersAllHelp, everyoneHelp, matterCodeHelp, settleAsHelp, settlementHelp
    case usageMatterKind, usageGrade, usagePlace, usageChoice, usageWhichMatter
    case matterUnknown, matterNoChoice, mattersEmpty, mattersMore, mattersNext
    case mattersSettled, mattersSettledHere, settlementUndone, gradeInformation
    case gradeAttention, gradeUrgent, matterOpen, matterSettled, matterOvertaken
    case matterOvertakenWhy, matterSettledBy, matterChoices, matterClosesItself
    case matterOwnClock, matterArrived, matterNoticed, byOffice, headCode, headGrade
    case headMatter, headPlace, noEffect, stockExplainAbstract, explainAtHelp
    case explainKnownHelp, usageMoment
    case couponHelp, saleReturnAbstract, returnedSaleHelp, matterFor
    // Decisions and events.
    case decideAbstract, decideAboutHelp, decideStageHelp, decideNoHelp, whyHelp
    case decisionsAbstract, decidedHere, decided, usageNoStages, milestonesAbstract
    case eventCloseAbstract, csvHelp, lookOnlyHelp, eventClosed
    // Shares of limited quantities.
    case allowanceAbstract, allowanceSupplyAbstract, allowanceLendAbstract
    case allowanceWriteOffAbstract, allowanceListAbstract, allowanceCloseAbstract, allowanceHelp
    case placeNameHelp, laptopNameHelp, beyondShareHelp, lent, actShare, actHolder
    case ruleLends, ruleAwaits, ruleShare, ruleNotNext, ruleMovedOn
    // Going out of service.
    case laptopRetireAbstract, laptopShowAbstract, undoHelp, retireNext, retiring, safeToWipe
    case laptopHolds, laptopPersonal, laptopRevoked, headBooks, bookRetiring, statusRetiring
    case statusWipeable
    // What names persons.
    case eraseAbstract, erased, erasedNobody, erasedNext, faultPersonalLocked, refusalPersonal
    case sessionNoMemory, loggedInSealed, eraseHelp, recoveryNameless, usageOnlyHint
    case eraseLogHeld
    // Table heads.
    case headId, headBy, headAt, headScope, headRecords, headDigest, headState, headLaptop
    case headEnrolled, headHeard, headClock, headPostings, headScopes, headPeople, headCollection
    case headField, headValue, headReason, headRecord, headOffice
    // Words in tables.
    case headPosting, headArrived, headHash, headKey, headChain
    case proven, proveUnsigned, proveOther, proveGap, proveNothing, proveUnknown, receiptsNone
    case yes, no, never, agrees, differs, lost, disputed, removal, revoked
    // What went wrong, what it means, what to do.
    case errorPrefix, usageAssignment, usageUnknownCollection, usageUnknownField, usageUnknownKind
    case usageAmbiguous, usageUnknownRecord, usageNoPerson, faultMissing, faultExists, faultForeign
    case faultNewer, faultReadOnly, faultDamaged, faultDiskFull, faultBusy, faultIO, faultNotDurable
    case faultOffline, faultNotHeadOffice, faultOfficeBusy, faultMalformed, faultSyncing
    case faultField, faultMissingField, faultTooLarge, faultUnknownReference
    case reasonNotInScope, reasonFact, reasonStage, reasonInvalid, reasonUnknownRecord
    case reasonRule, reasonNotAllowed, reasonUnknown
    case valueWrongType, valueTooLong, valueNul, valueOutOfRange, valuePhone, valueChoice
    case valueNumber, valueAmount, valueMoment, valueDay, valueFlag, valueStamp, valueMissing
    case valueUnknownColumn, valueEmptyRow
    case csvUnclosed, csvAfterQuote, csvQuoteInField, csvFieldTooLong, csvTooManyFields, csvNotText
    case textUnreadable, textEncoding, importNothing, importFaultLine, importFaultsMore
    case actAnswerMissing, actAnswerOutside, actAnswerChoice, actAnswerKind, actQuantity, actNoLines
    case actPrice
    case refusalMalformed, refusalTooOld, refusalTooNew, refusalNotEnrolled, refusalRevoked
    case refusalGap, refusalForked, refusalTooLarge, refusalBusy, refusalOrder, refusalCode
    case refusalSignature
    case refusalInternal, refusalUnknown
    case adminReport, adminNameHeld, adminLaptopUnknown, adminNotAScope, adminUnreachable
    case adminBundle, adminBackupWrong, bundleForeign
    case unexpected
    // Progress.
    case progressCheck, progressImport, progressSync
    // The demo.
    case demoTitle, demoOffice, demoImported, demoEvent, demoLaptops, demoOffline, demoOfflineProof
    case demoWrote, demoBack, demoKilled, demoResent, demoQuiet, demoFigures, demoAgree
    case demoDisagree, demoFiles, demoFailed
}
