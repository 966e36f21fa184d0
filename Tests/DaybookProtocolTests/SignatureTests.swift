import DaybookModel
import DaybookProtocol
import Testing

@Suite struct SignatureTests {
    private func key(_ byte: UInt8) throws -> DeviceKey {
        try DeviceKey(bytes: [UInt8](repeating: byte, count: DeviceKey.sizeBytes))
    }

    @Test func `the example of the specification`() throws {
        let signature = try key(2).signature(ofPosting: [UInt8](repeating: 1, count: 32))

        #expect(
            hexadecimal(signature)
                == "7bb188faab28d60575aeed9aa921fe1746f383ff69b49e986de33e77c8df07fc"
                + "a8c1c3b25a2a5d7f75b3bfdb6d95c211811f4a0f2c5fe2fd3ba551fef6d8660d")
    }

    @Test func `a signature says one thing of one key, and no other`() throws {
        let (own, other) = (try key(2), try key(3))
        let hash = [UInt8](repeating: 1, count: 32)
        let signature = try own.signature(ofPosting: hash)
        let holder = try own.publicKey

        #expect(holder.holds(signature, ofPosting: hash))
        let stranger = try other.publicKey
        #expect(!stranger.holds(signature, ofPosting: hash))
        #expect(!holder.holds(signature, ofPosting: [UInt8](repeating: 2, count: 32)))
        // Not what else may be signed, though the bytes be the same.
        let change = KeyChange(key: try PublicKey(hash), signature: signature)
        #expect(!holder.holds(change))
        for place in signature.indices {
            var flipped = signature
            flipped[place] ^= 1
            #expect(!holder.holds(flipped, ofPosting: hash))
        }
        #expect(!holder.holds([], ofPosting: hash))
        #expect(!holder.holds(Array(signature.dropLast()), ofPosting: hash))
    }

    @Test func `a receipt holds for what it names, and nothing else`() throws {
        let office = OfficeKey(bytes: [UInt8](repeating: 9, count: OfficeKey.sizeBytes))
        let receipt = try office.signed(
            Receipt(
                organisation: Samples.scope, incarnation: 5, number: 2,
                hash: [UInt8](repeating: 7, count: 32), arrived: Moment(milliseconds: 1_000)))
        let key = try office.publicKey

        #expect(key.holds(receipt))
        let changed = [
            Receipt(
                organisation: Samples.stamp(9), incarnation: 5, number: 2, hash: receipt.hash,
                arrived: receipt.arrived, signature: receipt.signature),
            Receipt(
                organisation: Samples.scope, incarnation: 6, number: 2, hash: receipt.hash,
                arrived: receipt.arrived, signature: receipt.signature),
            Receipt(
                organisation: Samples.scope, incarnation: 5, number: 3, hash: receipt.hash,
                arrived: receipt.arrived, signature: receipt.signature),
            Receipt(
                organisation: Samples.scope, incarnation: 5, number: 2,
                hash: [UInt8](repeating: 8, count: 32), arrived: receipt.arrived,
                signature: receipt.signature),
            Receipt(
                organisation: Samples.scope, incarnation: 5, number: 2, hash: receipt.hash,
                arrived: Moment(milliseconds: 1_001), signature: receipt.signature),
        ]
        for receipt in changed { #expect(!key.holds(receipt)) }
        // Head office's other key, as every backup has it, is another key.
        let other = OfficeKey(bytes: [UInt8](repeating: 8, count: OfficeKey.sizeBytes))
        let stranger = try other.publicKey
        #expect(!stranger.holds(receipt))
    }
}
