import DaybookModel
import DaybookOperations

extension Laptop {
    /// A visitor signs up at the event.
    @discardableResult
    public func signUp(_ name: String) throws -> Stamp {
        try write {
            try Acts.signUp($0, event: world.event, booth: "A", name: name, phone: nil)
        }
    }
}

extension World {
    /// Who has signed up, as head office has it.
    public func signUpNames() throws -> [String] {
        try office.read { view in
            var names: [String] = []
            try view.forEach(in: "signup") { names.append($0[SignUp.name] ?? "") }
            return names.sorted()
        }
    }
}
