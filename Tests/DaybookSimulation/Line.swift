import DaybookModel
import DaybookProtocol
import DaybookStorage
import DaybookSync

/// One exchange under way: bytes that go to head office, and bytes that come back.
final class Line {
    let laptop: SimulatedLaptop
    /// Nil for a request that comes late or again: nobody listens to its answer.
    var exchange: LaptopExchange<AnyLaptopBook>?
    let request: [UInt8]
    var requestSent = 0
    var office: OfficeExchange<AnyOfficeStore>?
    var officeReader = FrameReader()
    /// Waits for the desk's next commit.
    var waiting: IncomingPosting?
    var isFeeding = false
    var hasAnswered = false
    var answer: [UInt8] = []
    var answerTaken = 0
    var laptopReader = FrameReader()
    /// The scopes that the laptop might hold when its request came; nil before that.
    var granted: Set<Stamp>?
    /// Why the network holds it; a reordered one comes only after a later one of the same laptop.
    var holding: Fault?
    /// A later request of the same laptop went out while this one was held.
    var isOvertaken = false
    var isLate: Bool { exchange == nil }

    init(_ laptop: SimulatedLaptop, _ exchange: LaptopExchange<AnyLaptopBook>, isLate: Bool) throws
    {
        self.laptop = laptop
        self.exchange = isLate ? nil : exchange
        request = try exchange.request().flatMap { $0 }
    }
}
