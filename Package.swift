// swift-tools-version: 6.2
// The targets stand in dependency order. The table of who may import what is held by `Tests/TidyTests`.
import PackageDescription

let own: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
]

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let httpClient: Target.Dependency = .product(name: "AsyncHTTPClient", package: "async-http-client")
let lifecycle: Target.Dependency = .product(
    name: "ServiceLifecycle", package: "swift-service-lifecycle")
let argumentParser: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")

let package = Package(
    name: "daybook",
    products: [
        .executable(name: "daybook", targets: ["daybook"]),
        .executable(name: "daybook-server", targets: ["daybook-server"]),
    ],
    dependencies: [
        // SQLite: a pool of one writer and many readers, cached statements, migrations.
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        // Head office's HTTP server: routing, bodies as streams, graceful stop.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        // The laptop's HTTP client: proxies, time limits, bodies as streams.
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        // Event loops under both, used by name for byte buffers and the thread pool.
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // A line through a proxy, before TLS begins; the HTTP client brings the same.
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        // TLS of both ends; the HTTP libraries bring the same.
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        // Head office's own certificate, for an office that has no public one.
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        // SHA-256, HMAC, Ed25519; its extras for scrypt.
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        // Messages that a stranger can generate a client for.
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        // Commands, options, help, shell completion.
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        // Structured logs of server and agent.
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        // Counters of the server, by the names that every library uses.
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        // Long-running parts start and stop in order.
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        // The demo runs the real executables; Foundation's Process blocks SIGTERM in the child.
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        // Paths as swift-subprocess takes them.
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
    ],
    targets: [
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "DaybookModel", swiftSettings: own),
        .target(name: "DaybookOperations", dependencies: ["DaybookModel"], swiftSettings: own),
        .target(
            name: "DaybookProtocol",
            dependencies: [
                "DaybookModel", "CZlib", crypto,
                .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: own),
        .target(
            name: "DaybookSync", dependencies: ["DaybookModel", "DaybookProtocol"],
            swiftSettings: own),
        .target(
            name: "DaybookStorage",
            dependencies: [
                "DaybookModel", "DaybookProtocol", "DaybookSync",
                .product(name: "GRDB", package: "GRDB.swift"),
                // The library under it by name, for statements that run for every record.
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            swiftSettings: own),
        .target(name: "DaybookWords", dependencies: ["DaybookModel"], swiftSettings: own),
        .systemLibrary(name: "CIconv"),
        .target(
            name: "DaybookFiles", dependencies: ["DaybookModel", "CIconv", crypto],
            swiftSettings: own),
        .target(
            name: "DaybookServer",
            dependencies: [
                "DaybookModel", "DaybookProtocol", "DaybookSync", "DaybookStorage", "DaybookWords",
                "DaybookFiles", crypto, logging, lifecycle, nioCore, nioPosix, nioSSL, httpClient,
                // Locks that the thread sanitizer sees through when many want one.
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "NIOFoundationCompat", package: "swift-nio"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "X509", package: "swift-certificates"),
                .product(name: "CoreMetrics", package: "swift-metrics"),
            ],
            swiftSettings: own),
        .target(
            name: "DaybookAgent",
            dependencies: [
                "DaybookModel", "DaybookProtocol", "DaybookSync", "DaybookStorage", "DaybookWords",
                "DaybookFiles", crypto, logging, lifecycle, nioCore, nioPosix, nioSSL, httpClient,
                .product(name: "NIOExtras", package: "swift-nio-extras"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: own),
        .target(
            name: "DaybookDemo",
            dependencies: [
                "DaybookModel", "DaybookOperations", "DaybookWords", "DaybookFiles",
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: own),
        // What both executables' commands share: printing, exit codes, words for errors.
        .target(
            name: "DaybookCommands",
            dependencies: [
                "DaybookModel", "DaybookOperations", "DaybookProtocol", "DaybookStorage",
                "DaybookWords", "DaybookFiles", argumentParser,
            ],
            swiftSettings: own),
        .executableTarget(
            name: "daybook",
            dependencies: [
                "DaybookModel", "DaybookOperations", "DaybookProtocol", "DaybookSync",
                "DaybookStorage", "DaybookWords", "DaybookFiles", "DaybookAgent",
                "DaybookCommands", argumentParser, logging, lifecycle,
            ],
            swiftSettings: own),
        // QR codes of invitations.
        .systemLibrary(
            name: "CQRencode", pkgConfig: "libqrencode",
            providers: [.apt(["libqrencode-dev"])]),
        .executableTarget(
            name: "daybook-server",
            dependencies: [
                "DaybookModel", "DaybookOperations", "DaybookProtocol", "DaybookSync",
                "DaybookStorage", "DaybookWords", "DaybookFiles", "DaybookServer",
                "DaybookDemo", "DaybookCommands", "CQRencode", argumentParser, logging, lifecycle,
            ],
            swiftSettings: own),
        // SQLite's own library, for the benchmark's floors and for a VFS that forgets what was not synced.
        .systemLibrary(
            name: "CSQLiteLibrary", path: "Tests/CSQLiteLibrary", pkgConfig: "sqlite3",
            providers: [.apt(["libsqlite3-dev"])]),
        // Speed and size beside their floors, in one run.
        .executableTarget(
            name: "daybook-bench",
            dependencies: [
                "DaybookModel", "DaybookOperations", "DaybookProtocol", "DaybookSync",
                "DaybookStorage", "DaybookFiles", "DaybookServer", "DaybookAgent", "DaybookDemo",
                "CSQLiteLibrary",
                argumentParser, logging, lifecycle, nioCore, nioPosix, httpClient,
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "NIOConcurrencyHelpers", package: "swift-nio"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ],
            swiftSettings: own),
        // A head office and laptops of named people, for the tests.
        .target(
            name: "World",
            dependencies: [
                "DaybookModel", "DaybookOperations", "DaybookProtocol", "DaybookSync",
                "DaybookStorage",
            ],
            path: "Tests/World", swiftSettings: own),
        .target(
            name: "CSimulatedDisk", dependencies: ["CSQLiteLibrary"], path: "Tests/CSimulatedDisk",
            cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
        // Laptops and a head office in one thread: network, time, randomness, life and disk are simulated.
        .target(
            name: "DaybookSimulation",
            dependencies: [
                "DaybookModel", "DaybookProtocol", "DaybookSync", "DaybookStorage",
                "CSimulatedDisk", .product(name: "GRDB", package: "GRDB.swift"),
                crypto,
            ],
            path: "Tests/DaybookSimulation", swiftSettings: own),
        .executableTarget(
            name: "daybook-simulate", dependencies: ["DaybookSimulation", argumentParser],
            swiftSettings: own),
        .testTarget(
            name: "DaybookSimulationTests",
            dependencies: [
                "DaybookModel", "DaybookProtocol", "DaybookStorage", "DaybookSync",
                "DaybookSimulation", "CSimulatedDisk",
            ],
            swiftSettings: own),
        .testTarget(
            name: "SettlementTests",
            dependencies: [
                "DaybookModel", "DaybookOperations", "DaybookProtocol", "DaybookStorage",
                "DaybookSync", "World",
            ],
            swiftSettings: own),
        .testTarget(name: "TidyTests", swiftSettings: own),
        .testTarget(name: "DaybookModelTests", dependencies: ["DaybookModel"], swiftSettings: own),
        .testTarget(
            name: "DaybookProtocolTests",
            dependencies: [
                "DaybookModel", "DaybookProtocol",
                .product(name: "SwiftProtobuf", package: "swift-protobuf"),
            ],
            swiftSettings: own),
        .testTarget(
            name: "DaybookOperationsTests",
            dependencies: ["World", "DaybookModel", "DaybookOperations", "DaybookStorage"],
            swiftSettings: own),
        .testTarget(
            name: "DaybookFilesTests",
            dependencies: ["DaybookModel", "DaybookOperations", "DaybookFiles"],
            swiftSettings: own),
        .testTarget(
            name: "DaybookWordsTests",
            dependencies: ["DaybookModel", "DaybookOperations", "DaybookWords"],
            swiftSettings: own),
        .testTarget(
            name: "DaybookServerTests",
            dependencies: [
                "World", "DaybookModel", "DaybookOperations", "DaybookProtocol", "DaybookSync",
                "DaybookStorage", "DaybookServer", "DaybookAgent", logging,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                nioCore, nioPosix, nioSSL,
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ],
            swiftSettings: own),
        // What users of other products complain of, as scenarios.
        .testTarget(
            name: "ComplaintTests",
            dependencies: [
                "World", "DaybookModel", "DaybookOperations", "DaybookProtocol", "DaybookSync",
                "DaybookStorage", "DaybookServer", "DaybookAgent", logging,
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ],
            swiftSettings: own),
        .testTarget(
            name: "CommandTests",
            dependencies: [
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: own),
        .testTarget(
            name: "DaybookStorageTests",
            dependencies: [
                "World", "DaybookModel", "DaybookOperations", "DaybookProtocol", "DaybookSync",
                "DaybookStorage", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            swiftSettings: own),
    ]
)

// Only for `Scripts/fuzz`: libFuzzer brings its own `main`, so it links with that alone.
if Context.environment["DAYBOOK_FUZZ"] != nil {
    package.targets.append(
        .executableTarget(
            name: "daybook-fuzz",
            dependencies: ["DaybookModel", "DaybookProtocol", "DaybookFiles"],
            path: "Tests/Fuzz", exclude: ["corpus", "seed.py"],
            swiftSettings: own + [.unsafeFlags(["-parse-as-library"])]))
}
