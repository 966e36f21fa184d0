import DaybookProtocol
import Testing

@Suite struct InvitationTests {
    private let certificate = Array("a certificate".utf8)

    @Test(arguments: [
        "office.example.com:8475", "http://10.0.0.7:80", "[2001:db8::1]:8475", "127.0.0.1:8475",
    ])
    func `what is written reads the same, however it is typed`(address: String) throws {
        let invitation = Invitation(
            address: address, certificate: certificate, code: "K7QF2M9XPD")
        let typed = "\(invitation)".replacingOccurrences(of: "-", with: " ")
        let host = typed.split(separator: "/").dropLast().joined(separator: "/")

        #expect(Invitation(text: "\(invitation)") == invitation)
        #expect(invitation.names(certificate))
        #expect(!invitation.names(certificate + [0]))
        let digits = "\(invitation)".split(separator: "/").last ?? ""
        let lower = Invitation(text: "\(address)/" + digits.lowercased())
        #expect(lower == invitation)
        #expect(!host.isEmpty)
    }

    @Test func `it is encrypted unless it stays on this machine`() {
        func office(_ address: String, _ certificate: [UInt8]?) -> String {
            Invitation(address: address, certificate: certificate, code: "K7QF2M9XPD").office
        }
        #expect(office("shop.example.com", nil) == "https://shop.example.com")
        #expect(office("shop.example.com:1", certificate) == "https://shop.example.com:1")
        #expect(office("127.0.0.1:8475", nil) == "http://127.0.0.1:8475")
        #expect(office("localhost:8475", certificate) == "https://localhost:8475")
        #expect(office("http://10.0.0.7:80", nil) == "http://10.0.0.7:80")
        #expect(office("127.example.com:80", nil) == "https://127.example.com:80")
        #expect(!Invitation.isLoopback(host: "127.example.com"))
    }

    @Test(arguments: [
        "", "/", "K7QF2", "K7QF2-M9XPU", "x/K7QF2-M9XP", "a b/K7QF2-M9XPD", "u@h/K7QF2-M9XPD",
        "h?q/K7QF2-M9XPD", "h/K7QF2-M9XPD/", "K7QF2-M9XPD-K7QF2-M9XPD",
        String(repeating: "K", count: 100_000),
    ])
    func `what is none is not read`(text: String) {
        #expect(Invitation(text: text) == nil)
    }

    @Test func `a code alone is read, as people write and say it`() {
        #expect(Invitation(text: "k7qf2 m9xpd")?.code == "K7QF2M9XPD")
        #expect(Invitation(text: "OIL00-11111")?.code == "0110011111")
    }
}
