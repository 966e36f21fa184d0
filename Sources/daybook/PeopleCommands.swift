import ArgumentParser
import DaybookCommands
import DaybookFiles
import DaybookModel
import DaybookOperations
import DaybookProtocol
import DaybookStorage
import DaybookWords

struct LoginCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.loginAbstract, name: "login")
    @Argument(help: ArgumentHelp(.personHelp)) var person: String?
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let person = try open.person(person)
        let clock = open.surroundings.reading()
        let keys: PersonalKeys?
        switch try open.store.access(of: person.id) {
        case .pin:
            let pin = Pin(typed: try SecretInput.ask(.askPin))
            keys = try open.store.logIn(person.id, pin: pin, clock: clock)
        case .startCode:
            let code = try SecretInput.ask(.askStartCode)
            let pin = try SecretInput.askNewPin()
            keys = try open.store.choosePin(
                pin, of: person.id, startCode: code, clock: clock,
                salt: open.surroundings.randomBytes(SlowHash.saltBytes))
        case .none: throw LaptopStore.LoginFault.noStartCode
        }
        try open.session.keep(keys)
        let name = person[Staff.name] ?? "\(person.id)"
        output.say(Word.loggedIn.text(name), json: ["person": "\(person.id)", "name": name])
        if keys == nil { output.note(Word.loggedInSealed.text()) }
    }
}

struct LogoutCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.logoutAbstract, name: "logout")
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        try open.store.logOut()
        try open.session.keep(nil)
        output.say(Word.loggedOut.text(), json: [:])
    }
}

struct PinCommand: DaybookCommand {
    static let configuration = CommandConfiguration.word(.pinAbstract, name: "pin")
    @Argument(help: ArgumentHelp(.personHelp)) var person: String?
    @OptionGroup var book: BookOptions
    @OptionGroup var output: OutputOptions

    func act() async throws {
        let open = try book.open()
        let person = try open.person(person)
        guard try open.store.access(of: person.id) == .pin else {
            throw LaptopStore.LoginFault.startCodeWanted
        }
        let old = Pin(typed: try SecretInput.ask(.askPin))
        let new = try SecretInput.askNewPin()
        let keys = try open.store.changePin(
            of: person.id, from: old, to: new, clock: open.surroundings.reading(),
            salt: open.surroundings.randomBytes(SlowHash.saltBytes))
        try open.session.keep(keys)
        output.say(Word.pinChanged.text(), json: ["person": "\(person.id)"])
    }
}

extension OpenBook {
    /// Who works on the laptop now, by name.
    func worker() throws -> String? {
        guard let person = try store.worker(clock: surroundings.reading()) else { return nil }
        return try read { try $0.title(of: person) }
    }

    /// Who is meant; the only person of the laptop when nobody is named.
    func person(_ text: String?) throws -> Record {
        if let text { return try find(text, in: "staff") }
        let people = try store.people()
        let records = try read { view in
            try people.compactMap { try view.record($0, in: "staff") }
        }
        // Nobody, or nobody known by name: the first sync brings both.
        guard !records.isEmpty else { throw LaptopStore.LoginFault.notHere }
        guard records.count == 1 else {
            let names = records.compactMap { $0[Staff.name] }.joined(separator: ", ")
            throw UsageFault(Word.usageWhoLogsIn.text(names))
        }
        return records[0]
    }
}

extension SecretInput {
    static func askNewPin() throws -> Pin {
        let pin: Pin
        do {
            pin = try Pin(chosen: try ask(.askNewPin))
        } catch let fault as Pin.Fault {
            throw LaptopStore.LoginFault.unfit(fault)
        }
        guard Pin(typed: try ask(.askNewPinAgain)) == pin else {
            throw UsageFault(Word.usagePinsDiffer.text())
        }
        return pin
    }
}

extension LaptopStore.LoginFault: Explained {
    public var words: String {
        switch self {
        case .notHere: Word.loginNotHere.text()
        case .noStartCode: Word.loginNoStartCode.text()
        case .startCodeWanted: Word.loginStartCodeWanted.text()
        case .wrong(let left): Word.loginWrong.text("\(left)")
        case .wait(let milliseconds): Word.loginWait.text("\(max(1, milliseconds / 60_000))")
        case .locked: Word.loginLocked.text()
        case .unfit(.tooShort(let most)): Word.pinTooShort.text("\(most)")
        case .unfit(.tooLong(let most)): Word.pinTooLong.text("\(most)")
        case .unfit(.tooSimple): Word.pinTooSimple.text()
        }
    }

    public var exitCode: Int32 { ExitCodes.refused }
}
