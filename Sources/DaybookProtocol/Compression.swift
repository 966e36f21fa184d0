import CZlib

/// zlib streams over whole, bounded buffers.
package enum Compression {
    /// Level 9 gains nothing over 6 on this data; 6 deflates about 25 MB/s.
    private static let level: Int32 = 6

    package static func deflate(_ raw: [UInt8], dictionary: [UInt8]?) -> [UInt8] {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        precondition(daybook_deflate_init(stream, level) == Z_OK, "out of memory")
        defer { deflateEnd(stream) }
        if let dictionary {
            precondition(deflateSetDictionary(stream, dictionary, UInt32(dictionary.count)) == Z_OK)
        }
        let room = Int(deflateBound(stream, UInt(raw.count)))
        var input = raw
        return [UInt8](unsafeUninitializedCapacity: room) { output, count in
            input.withUnsafeMutableBufferPointer { source in
                stream.pointee.next_in = source.baseAddress
                stream.pointee.avail_in = UInt32(source.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(room)
                let outcome = CZlib.deflate(stream, Z_FINISH)
                precondition(outcome == Z_STREAM_END, "deflateBound is a bound")
            }
            count = room - Int(stream.pointee.avail_out)
        }
    }

    /// - Parameter size: the exact raw size; more or less is malformed, so that memory is bounded beforehand.
    package static func inflate(
        _ payload: ArraySlice<UInt8>, size: Int, dictionary: [UInt8]?
    ) throws(MalformedBytes) -> [UInt8] {
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        precondition(daybook_inflate_init(stream) == Z_OK, "out of memory")
        defer { inflateEnd(stream) }
        var input = Array(payload)
        var isWhole = false
        let raw = [UInt8](unsafeUninitializedCapacity: size + 1) { output, count in
            input.withUnsafeMutableBufferPointer { source in
                stream.pointee.next_in = source.baseAddress
                stream.pointee.avail_in = UInt32(source.count)
                stream.pointee.next_out = output.baseAddress
                // One byte more than promised, so that a longer stream shows itself.
                stream.pointee.avail_out = UInt32(size + 1)
                var outcome = CZlib.inflate(stream, Z_FINISH)
                if outcome == Z_NEED_DICT, let dictionary,
                    inflateSetDictionary(stream, dictionary, UInt32(dictionary.count)) == Z_OK
                {
                    outcome = CZlib.inflate(stream, Z_FINISH)
                }
                isWhole = outcome == Z_STREAM_END && stream.pointee.avail_in == 0
            }
            count = size + 1 - Int(stream.pointee.avail_out)
        }
        guard isWhole, raw.count == size else { throw .inflationFailed }
        return raw
    }
}

/// zlib's CRC-32 (ISO 3309).
func checksum(_ parts: [UInt8]...) -> UInt32 {
    var sum: UInt = 0
    for part in parts { sum = crc32(sum, part, UInt32(part.count)) }
    return UInt32(sum)
}
