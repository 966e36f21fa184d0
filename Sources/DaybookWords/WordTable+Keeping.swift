extension WordTable {
    /// Backups, repairs and bundles.
    static let keeping: [Word: (String, String)] = [
        .silentOne: (
            "%1 has not been heard from since %2: what it has not posted is missing above.",
            "电脑 %1 自 %2 起没有联系：它尚未上报的内容不在上面。"
        ),
        .silentMany: (
            "%1 laptops have not been heard from since %2 (%3): what they have not posted is missing above.",
            "%1 台电脑自 %2 起没有联系（%3）：它们尚未上报的内容不在上面。"
        ),
        .quarantineAbstract: (
            "What revoked laptops still brought, kept aside.", "已停用电脑后来送来、单独存放的内容。"
        ),
        .quarantineListAbstract: (
            "List what revoked laptops brought, newest last.", "列出已停用电脑送来的内容，最新的在最后。"
        ),
        .quarantineTakeAbstract: (
            "Record what a revoked laptop brought, after somebody has looked at it.",
            "人工查看后，将已停用电脑送来的内容入账。"
        ),
        .quarantineEmpty: (
            "Nothing is kept aside: no revoked laptop has brought anything.",
            "没有单独存放的内容：已停用的电脑没有送来数据。"
        ),
        .quarantineMore: (
            "%1 changes are kept aside in all; --last shows more of them.",
            "共有 %1 项改动单独存放；用 --last 查看更多。"
        ),
        .quarantineNext: (
            "None of it is in the book. If it is your people's work, record it: daybook-server quarantine take LAPTOP. Else leave it here.",
            "这些内容尚未入账。若确为本公司人员所记，请运行 daybook-server quarantine take 电脑名 入账；否则保留在此即可。"
        ),
        .quarantineTaken: ("Recorded: %1 postings, %2 entries.", "已入账：%1 批，%2 条。"),
        .quarantineStays: (
            "The next posting cannot be recorded (%1). It and those after it stay aside; nothing is lost.",
            "下一批无法入账（%1）。它及其后的内容仍单独存放，没有丢失。"
        ),
        .quarantineNamesTaken: (
            "%1 entries stay aside: others have their names by now. Nothing is lost; write down again what they say.",
            "有 %1 条仍单独存放：其编号已被其他内容占用。没有丢失，请按其内容重新登记。"
        ),
        .headWritten: ("Written", "书写时间"), .headWhat: ("What", "事项"),
        .headContent: ("Content", "内容"), .headRecorded: ("recorded", "登记"),
        .headEdited: ("edited", "修改"), .headRemoved: ("removed", "删除"),
        .backupAbstract: (
            "Copy head office's book while it is in use, and check the copy.", "在线备份总部账本并校验。"
        ),
        .restoreAbstract: ("Put a backup in the place of head office's book.", "用备份恢复总部账本。"),
        .verifyAbstract: (
            "Check head office's book, or compare it with another.", "校验总部账本，或与其他账本比较。"
        ),
        .recoveryAbstract: (
            "What came back after head office lost something, and what did not.",
            "总部丢失数据后，已找回与未找回的内容。"
        ),
        .repairAbstract: (
            "Count this book afresh, compare it with head office and mend what differs.",
            "重新核算本账本，与总部比较并修复差异。"
        ),
        .bundleAbstract: ("Exchanges without a network, as files.", "无网络时用文件交换数据。"),
        .bundleWriteAbstract: ("Write what waits to be posted into a file.", "将待上报内容写入文件。"),
        .bundleReadAbstract: ("Take head office's answer from a file.", "从文件读取总部的答复。"),
        .officeBundleReadAbstract: (
            "Take a laptop's bundle, and write the answer.", "读取电脑的数据包并写出答复。"
        ),
        .bundleFileHelp: ("The bundle file.", "数据包文件。"),
        .backupFileHelp: ("The backup file.", "备份文件。"),
        .answerFileHelp: (
            "Where to write the answer (default: FILE.answer).", "答复文件的位置（默认：FILE.answer）。"
        ),
        .againstHelp: (
            "A laptop's book or a backup to compare with.", "用来比较的电脑账本或备份文件。"
        ),
        .backedUp: (
            "Backed up and checked: %1 records, through sequence %2, in %3. Laptops need not keep what it holds.",
            "备份并校验完成：%1 条记录，至序号 %2，位于 %3。各电脑无需再保留其中的内容。"
        ),
        .restored: ("Restored: %1 records, through sequence %2.", "已恢复：%1 条记录，至序号 %2。"),
        .restoredBefore: ("The book that was there is kept at %1.", "原账本保存在 %1。"),
        .restoredNext: (
            "Laptops return what this backup does not have when they come next; daybook-server recovery says how far they are.",
            "备份中没有的内容，各电脑下次同步时会送回；用 daybook-server recovery 查看进度。"
        ),
        .verified: ("Checked: %1 records, nothing wrong.", "校验完成：%1 条记录，未发现问题。"),
        .verifiedAgainst: (
            "Compared with %1 records: %2 differ.", "与 %1 条记录比较：%2 条不一致。"
        ),
        .verifiedWrong: (
            "The book is not sound: %1. Nothing was changed. Restore the last backup; laptops return what is newer.",
            "账本有问题：%1。没有改动任何内容。请恢复最近的备份，较新的内容由各电脑送回。"
        ),
        .recoveryNothing: (
            "Head office has lost nothing that a laptop knows of.", "据各电脑所知，总部没有丢失数据。"
        ),
        .recoveryBase: (
            "Head office went back to sequence %1.", "总部数据曾回退到序号 %1。"
        ),
        .recoveryReturned: ("Returned what they had: %1", "已送回数据的电脑：%1"),
        .recoveryAwaited: (
            "Not heard from since, and may hold more: %1", "之后尚未联系、可能还有数据的电脑：%1"
        ),
        .recoveryRegained: (
            "%1 records came back as they were shown; of %2 the entry itself (who, when, from what) has not come.",
            "%1 条记录已按原状态找回；其中 %2 条的原始记录（何人、何时、改自何值）尚未找回。"
        ),
        .recoveryRenamed: (
            "%1 records are under new ids, since their old ones were given away: %2",
            "%1 条记录因编号被占用而改用新编号：%2"
        ),
        .bundleOvertaken: (
            "This answer is older than what the laptop has heard since: only what it acknowledges was taken, and nothing is lost. Read the newest answer, or sync.",
            "此回复早于电脑之后收到的内容：仅采用其中的确认，没有数据丢失。请读取最新的回复，或直接同步。"
        ),
        .recoveryNobody: ("nobody", "无"),
        .recoveryLaptops: (
            "Which laptop holds which scopes, and which are revoked, is as it was in the backup: look through daybook-server laptop list and revoke again what was revoked since.",
            "各电脑的范围与停用状态以备份时为准：请核对 daybook-server laptop list，备份之后停用的电脑需再次停用。"
        ),
        .recoveryMissing: ("Entries that did not come: %1", "未找回的记录：%1"),
        .repaired: (
            "Mended: %1 records taken from head office, %2 removed, %3 handed back to it, %4 frames returned.",
            "已修复：从总部取回 %1 条，移除 %2 条，交还总部 %3 条，送回 %4 个数据帧。"
        ),
        .repairedNothing: ("Nothing differed. The book agrees with head office.", "没有差异，账本与总部一致。"),
        .repairUnmended: (
            "%1 scopes still differ. Nothing of yours is lost; tell head office's engineer.",
            "仍有 %1 个范围不一致。您的数据没有丢失，请告知总部工程师。"
        ),
        .bundleWritten: (
            "Wrote %1 postings to %2. They count as posted only when head office's answer was read here.",
            "已将 %1 批记录写入 %2。读入总部的答复后才算上报。"
        ),
        .bundleTaken: (
            "Read head office's answer: %1 postings answered, %2 pages.", "已读取总部答复：%1 批已答复，%2 页。"
        ),
        .bundleRead: (
            "Recorded %1 postings. The answer for the laptop: %2", "已记录 %1 批。给该电脑的答复：%2"
        ),
        .bundleReadRefused: (
            "Head office stopped at a posting; the answer says why. What came before is recorded.",
            "总部在某一批停止，原因见答复。之前的内容已记录。"
        ),
        .statusOwed: (
            "Head office has lost something; %1 pages are being returned to it.",
            "总部丢失了部分数据，正在送回 %1 页。"
        ),
        .syncReturned: (
            "Head office had lost %1 pages; they were returned.", "总部丢失的 %1 页已送回。"
        ),
        .syncMended: (
            "%1 records differed from head office and were mended.", "%1 条与总部不一致的记录已修复。"
        ),
        .hereOnly: ("only at head office", "仅总部有"),
        .thereOnly: ("only there", "仅对方有"),
        .otherwise: ("different", "内容不同"),
        .adminBundle: (
            "This is no whole bundle of a laptop that head office knows. Nothing was recorded. Write it again with daybook bundle write.",
            "这不是总部所知电脑的完整数据包。没有记录任何内容。请用 daybook bundle write 重新生成。"
        ),
        .adminBackupWrong: (
            "The copy is not sound (%1). The mark was not moved, and laptops keep everything. Check the disk and back up again.",
            "备份校验失败（%1）。备份标记未移动，各电脑会继续保留数据。请检查磁盘后重新备份。"
        ),
        .bundleForeign: (
            "This is no answer for this laptop's book, or it is damaged. Nothing was changed. Ask head office for it again.",
            "这不是给本账本的答复，或文件已损坏。没有改动任何内容。请向总部重新索取。"
        ),
    ]
}
