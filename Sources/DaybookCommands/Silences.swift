import DaybookModel
import DaybookWords

extension OutputOptions {
    /// Laptops named in one line.
    private static let namedMax = 5

    /// Says under a listing which laptops have not been heard from: what they have not posted is missing in it. To a
    /// script a list says nothing of it, since it is a list; figures and status have a key of their own.
    public func noteSilent(_ laptops: [(name: String, since: Moment)]) {
        guard let longest = laptops.map(\.since).min() else { return }
        let sorted = laptops.sorted { ($0.since, $0.name) < ($1.since, $1.name) }
        var names = sorted.prefix(Self.namedMax).map(\.name).joined(separator: ", ")
        if sorted.count > Self.namedMax { names += ", …" }
        note(
            laptops.count == 1
                ? Word.silentOne.text(names, Listing.local(longest))
                : Word.silentMany.text("\(laptops.count)", Listing.local(longest), names))
    }

    /// For scripts.
    public static func json(silent laptops: [(name: String, since: Moment)]) -> [[String: Any]] {
        laptops.map { ["laptop": $0.name, "since": "\($0.since)"] }
    }
}
