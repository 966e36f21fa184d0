import DaybookModel

/// What an entry is called when its own names are taken. Source: `Protocol/SPEC.md`, "Name taken".
extension Entry {
    /// The node of its new names: the first 21 bits of the SHA-256 of its canonical bytes, one more while that is 0
    /// or the node that it has.
    ///
    /// It follows from the content alone: every copy of the book calls the entry the same, and it is recorded once.
    public var newNode: Int64 {
        let hash = sha256(Canonical.bytes(of: self))
        var node = Int64(hash[0]) << 13 | Int64(hash[1]) << 5 | Int64(hash[2]) >> 3
        while node == 0 || node == changes.first?.stamp.node {
            node = (node + 1) & Stamp.nodeMax
        }
        return node
    }
}
