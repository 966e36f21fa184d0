extension WordTable {
    /// What happened, what it means for the data, what to do.
    static let faults: [Word: (String, String)] = [
        .errorPrefix: ("Error: %1", "错误：%1"),
        .usageAssignment: (
            "“%1” is not FIELD=VALUE. Nothing was written.", "“%1” 不是 字段=值 的形式。没有写入任何内容。"
        ),
        .usageUnknownCollection: (
            "There is no collection “%1”. Nothing was written. There are: %2",
            "没有类型 “%1”。没有写入任何内容。可用类型：%2"
        ),
        .usageUnknownField: (
            "There is no field “%1”. Nothing was written. There are: %2",
            "没有字段 “%1”。没有写入任何内容。可用字段：%2"
        ),
        .usageUnknownKind: (
            "Daybook cannot import “%1”. Nothing was written. There are: %2",
            "无法导入 “%1”。没有写入任何内容。可用：%2"
        ),
        .usageAmbiguous: (
            "“%1” names several records. Nothing was written. Use the id.",
            "“%1” 对应多条记录。没有写入任何内容。请使用编号。"
        ),
        .usageUnknownRecord: (
            "This book has no %1 “%2”. Nothing was written. Look with daybook list, or sync first.",
            "本账本没有%1 “%2”。没有写入任何内容。请用 daybook list 查看，或先同步。"
        ),
        .usageNoPerson: (
            "Nobody is logged in on this laptop. Nothing was written. Log in first: daybook login NAME.",
            "无人登录。没有写入任何内容。请先登录：daybook login 姓名。"
        ),
        .faultMissing: (
            "There is no book at %1. Nothing was changed. Make it first (daybook enrol, or daybook-server init), or name it with --book or --folder.",
            "%1 处没有账本。没有改动任何内容。请先建立（daybook enrol 或 daybook-server init），或用 --book、--folder 指定。"
        ),
        .faultExists: (
            "There is a file at %1 already. It was left as it is. Name another place.",
            "%1 处已有文件，未作任何改动。请指定其他位置。"
        ),
        .faultForeign: (
            "%1 is not a Daybook book of this kind. It was left as it is. Name the right file.",
            "%1 不是此类日记账账本，未作任何改动。请指定正确的文件。"
        ),
        .faultNewer: (
            "%1 was written by a newer release. It was left as it is. Upgrade this program.",
            "%1 由更新的版本写成，未作任何改动。请升级本程序。"
        ),
        .faultReadOnly: (
            "%1 cannot be written. Nothing was changed. Give yourself the right to write it, or check the disk.",
            "%1 不可写。没有改动任何内容。请授予写权限或检查磁盘。"
        ),
        .faultDamaged: (
            "%1 is damaged (%2). What was posted is safe at head office. Keep the file and call head office's engineer.",
            "%1 已损坏（%2）。已上报的数据在总部是安全的。请保留该文件并联系总部工程师。"
        ),
        .faultDiskFull: (
            "The disk is full. This was not written; all before it is safe. Free some space and do it again.",
            "磁盘已满。本次未写入，之前的内容是安全的。请清理空间后重试。"
        ),
        .faultBusy: (
            "Another process keeps %1 busy. This was not written. Try again in a moment.",
            "另一个进程正在占用 %1。本次未写入。请稍后重试。"
        ),
        .faultIO: (
            "The disk does not answer for %1 (%2). This was not written; all before it is safe. Check the disk and try again.",
            "读写 %1 时磁盘出错（%2）。本次未写入，之前的内容是安全的。请检查磁盘后重试。"
        ),
        .faultNotDurable: (
            "SQLite would not promise to keep %1 safe on disk. Nothing was written. Check the file system.",
            "SQLite 无法保证 %1 安全落盘。没有写入任何内容。请检查文件系统。"
        ),
        .faultUntrusted: (
            "Something answers there, but it is not the head office that this laptop knows. Nothing was said to it; everything is safe here. Tell head office: either its certificate was replaced, or the code was typed wrong, or somebody is on the line.",
            "对方有应答，但不是本机所认识的总部。没有向其发送任何内容，数据都安全保存在本机。请告知总部：可能证书已更换、注册码输入有误，或线路上有他人。"
        ),
        .usageNoCode: (
            "There is no laptop %1 that waits for a code: unknown, revoked, or heard from already. Nothing was changed. For another machine, add a laptop under another name.",
            "没有等待注册码的电脑 %1：名称不存在、已停用，或已联系过总部。没有改动任何内容。若是另一台机器，请以其他名称添加。"
        ),
        .usagePort: (
            "%1 is no port (0 to 65535). Nothing was started.", "%1 不是端口号（0 至 65535）。服务没有启动。"
        ),
        .usageAddress: (
            "“%1” is no address. Nothing was changed. Give HOST:PORT, or https://HOST behind a proxy that encrypts.",
            "“%1” 不是地址。没有改动任何内容。请给出 主机:端口；若由代理加密，则为 https://主机。"
        ),
        .usagePlainAndTLS: (
            "Encrypted and not encrypted at once: give --tls or --plain-http. Nothing was started.",
            "不能同时加密又不加密：请在 --tls 与 --plain-http 中选一个。服务没有启动。"
        ),
        .usageLast: ("%1 is too few: give a number from 1.", "%1 太小：请给出不小于 1 的数。"),
        .usageCertificate: (
            "The certificate or its key cannot be used (%1). Nothing was started, or what was before goes on. Check the files.",
            "证书或私钥无法使用（%1）。服务没有启动，或继续使用原有证书。请检查文件。"
        ),
        .usageCode: (
            "“%1” is no code of head office. Nothing was made. Type it as head office prints it: ADDRESS/7KQ2M-9X4TB…",
            "“%1” 不是总部的注册码。没有建立账本。请按总部显示的样式输入：地址/7KQ2M-9X4TB…"
        ),
        .usageOffice: (
            "This code does not say where head office is. Nothing was made. Add --office https://HOST:PORT.",
            "注册码中没有总部地址。没有建立账本。请加上 --office https://主机:端口。"
        ),
        .usagePlain: (
            "%1 is not encrypted: everybody on the way could read and change what is sent. Nothing was made. Ask for an encrypted address, or take the risk with --plain-http.",
            "%1 未加密：沿途任何人都可读取并篡改。没有建立账本。请索取加密地址，或用 --plain-http 自担风险。"
        ),
        .usageCertificateAndKey: (
            "A certificate needs its key: give both --certificate and --key, or neither. Nothing was started.",
            "证书需要配套的私钥：请同时给出 --certificate 与 --key，或都不给。服务没有启动。"
        ),
        .faultOffline: (
            "Head office does not answer (%1). Everything you wrote is safe on this laptop. Try again when the line is there; the agent does so by itself.",
            "总部没有应答（%1）。您记录的内容都安全保存在本机。有网络时重试即可，后台程序会自动重试。"
        ),
        .faultNotHeadOffice: (
            "What answers at that address is no head office (HTTP %1). Everything is safe on this laptop. Check the address, or the proxy.",
            "该地址应答的不是总部服务（HTTP %1）。数据都安全保存在本机。请检查地址或代理。"
        ),
        .faultOfficeBusy: (
            "Head office is busy. Everything is safe on this laptop. Try again in %1.",
            "总部繁忙。数据都安全保存在本机。请在 %1 后重试。"
        ),
        .faultMalformed: (
            "Head office's answer was not understood (%1). Nothing of it was taken; everything is safe on this laptop. Try again; if it stays, tell head office.",
            "无法理解总部的应答（%1）。未采用其内容，数据都安全保存在本机。请重试，若仍如此请告知总部。"
        ),
        .faultSyncing: (
            "Another process is syncing this book. Everything is safe. Try again in a moment.",
            "另一个进程正在同步本账本。数据是安全的。请稍后重试。"
        ),
        .faultField: ("%1: %2 Nothing was written.", "%1：%2 没有写入任何内容。"),
        .faultMissingField: ("%1 is required. Nothing was written.", "必须填写 %1。没有写入任何内容。"),
        .faultTooLarge: (
            "That is too much for one entry (%1, at most %2). Nothing was written. Write it in parts.",
            "一笔内容过大（%1，上限 %2）。没有写入任何内容。请分次记录。"
        ),
        .faultUnknownReference: (
            "A record that this one refers to is not in this book. Nothing was written. Sync first.",
            "所引用的记录不在本账本中。没有写入任何内容。请先同步。"
        ),
        .reasonNotInScope: (
            "This laptop does not hold that store or event. Ask head office to assign it.",
            "本电脑不属于该门店或活动。请让总部分配。"
        ),
        .reasonFact: (
            "What happened is not edited; write a reversing record.", "已发生的事实不能修改，请记一笔冲销。"
        ),
        .reasonStage: ("A stage moves by decisions only.", "阶段只能通过审批变更。"),
        .reasonInvalid: ("The value breaks the field's limits.", "该值不符合字段的限制。"),
        .reasonUnknownRecord: ("There is no such record.", "没有这条记录。"),
        .reasonRule: ("A rule forbids it (%1).", "规则不允许（%1）。"),
        .reasonNotAllowed: (
            "This is not among your duties here. Ask your supervisor, or head office to assign you.",
            "这不在您此处的职责范围内。请联系主管，或请总部派驻。"
        ),
        .reasonUnknown: (
            "Refused for a reason that this release does not know (%1).", "被拒绝，原因代码 %1，本版本无法说明。"
        ),
        .valueWrongType: ("wrong kind of value.", "值的类型不对。"),
        .valueTooLong: ("longer than %1 bytes.", "超过 %1 字节。"),
        .valueNul: ("holds a NUL character.", "含有空字符。"),
        .valueOutOfRange: ("out of range.", "超出范围。"),
        .valuePhone: ("not a telephone number.", "不是电话号码。"),
        .valueChoice: ("not one of %1.", "不在可选值之中：%1。"),
        .valueNumber: ("not a whole number.", "不是整数。"),
        .valueAmount: ("not an amount such as 12.50 CNY.", "不是金额，如 12.50 CNY。"),
        .valueMoment: ("not a time such as 2026-05-01T09:30Z.", "不是时间，如 2026-05-01T09:30Z。"),
        .valueDay: ("not a day such as 2026-05-01.", "不是日期，如 2026-05-01。"),
        .valueFlag: ("neither yes nor no.", "应为 是 或 否。"),
        .valueStamp: ("not the id of a record.", "不是记录编号。"),
        .valueMissing: ("is required.", "必须填写。"),
        .valueUnknownColumn: ("no such column in this collection.", "该类型没有这一列。"),
        .valueEmptyRow: ("the row is empty.", "此行为空。"),
        .csvUnclosed: (
            "The quote that opens on line %1 is never closed. Nothing was taken. Mend the file.",
            "第 %1 行的引号没有闭合。未导入任何内容。请修正文件。"
        ),
        .csvAfterQuote: (
            "Line %1, column %2: text after a closing quote. Nothing was taken. Mend the file.",
            "第 %1 行第 %2 列：引号闭合后还有文字。未导入任何内容。请修正文件。"
        ),
        .csvQuoteInField: (
            "Line %1, column %2: a quote inside an unquoted field. Nothing was taken. Mend the file.",
            "第 %1 行第 %2 列：未加引号的字段中含有引号。未导入任何内容。请修正文件。"
        ),
        .csvFieldTooLong: (
            "Line %1, field %2 is longer than %3 bytes. Nothing was taken. Mend the file.",
            "第 %1 行第 %2 个字段超过 %3 字节。未导入任何内容。请修正文件。"
        ),
        .csvTooManyFields: (
            "Line %1 has more than %2 fields. Nothing was taken. Mend the file.",
            "第 %1 行超过 %2 个字段。未导入任何内容。请修正文件。"
        ),
        .csvNotText: (
            "Line %1 is not text in this encoding. Nothing was taken. Try --encoding gb18030 or mend the file.",
            "第 %1 行在此编码下不是文字。未导入任何内容。请试 --encoding gb18030 或修正文件。"
        ),
        .textUnreadable: (
            "%1 cannot be read. Nothing was taken. Check the name and the rights.",
            "无法读取 %1。未导入任何内容。请检查文件名与权限。"
        ),
        .textEncoding: (
            "The file is neither UTF-8 nor GB18030 (byte %1). Nothing was taken. Save it as UTF-8.",
            "文件既不是 UTF-8 也不是 GB18030（第 %1 字节）。未导入任何内容。请另存为 UTF-8。"
        ),
        .importNothing: (
            "%1 of %2 rows are bad. Nothing was taken. Mend them, or take the good ones with --keep-going.",
            "%2 行中有 %1 行有误。未导入任何内容。请修正，或用 --keep-going 只导入正确的行。"
        ),
        .importFaultLine: ("line %1, %2: %3", "第 %1 行，%2：%3"),
        .importFaultsMore: ("… and %1 more bad rows", "……另有 %1 行有误"),
        .actAnswerMissing: (
            "The form asks: %1. Nothing was written; add --answer.",
            "登记表要求回答：%1。没有写入任何内容，请加 --answer。"
        ),
        .actAnswerOutside: (
            "The form has no question “%1”. Nothing was written.", "登记表没有问题 “%1”。没有写入任何内容。"
        ),
        .actAnswerChoice: ("“%1” allows: %2. Nothing was written.", "“%1” 的可选项：%2。没有写入任何内容。"),
        .actAnswerKind: (
            "The answer to “%1” is not of the kind %2. Nothing was written.",
            "“%1” 的回答应为 %2 类型。没有写入任何内容。"
        ),
        .actQuantity: (
            "The quantity must be a number other than zero. Nothing was written.",
            "数量必须是非零数字。没有写入任何内容。"
        ),
        .actNoLines: (
            "A sale needs at least one product. Nothing was written.", "销售至少要有一个商品。没有写入任何内容。"
        ),
        .actPrice: (
            "%1 has no price in this book. Nothing was written. Sync first, or have head office set one.",
            "%1 在本账本中没有价格。没有写入任何内容。请先同步，或让总部定价。"
        ),
        .refusalMalformed: (
            "Head office could not read what this laptop sent. Everything is safe here. Upgrade, or tell head office's engineer.",
            "总部无法读取本机发送的内容。数据都安全保存在本机。请升级或告知总部工程师。"
        ),
        .refusalTooOld: (
            "This laptop's Daybook is too old for head office. Everything is safe here. Upgrade it.",
            "本机版本过旧。数据都安全保存在本机。请升级。"
        ),
        .refusalTooNew: (
            "Head office's Daybook is older than this laptop's. Everything is safe here. Head office must upgrade.",
            "总部版本比本机旧。数据都安全保存在本机。请总部升级。"
        ),
        .refusalNotEnrolled: (
            "Head office does not know this laptop. Everything is safe here. Ask head office.",
            "总部不认识本电脑。数据都安全保存在本机。请联系总部。"
        ),
        .refusalRevoked: (
            "Head office has taken this laptop out of service. Everything is safe here. Ask head office.",
            "总部已停用本电脑。数据都安全保存在本机。请联系总部。"
        ),
        .refusalGap: (
            "Head office misses an earlier posting. Everything is safe here. Sync again.",
            "总部缺少较早的一批记录。数据都安全保存在本机。请再次同步。"
        ),
        .refusalForked: (
            "This book is a copy, or was restored from an older one. Everything is safe here. Tell head office's engineer.",
            "本账本是副本或由旧备份恢复。数据都安全保存在本机。请告知总部工程师。"
        ),
        .refusalTooLarge: (
            "That was more than head office takes at once. Everything is safe here. Tell head office's engineer.",
            "发送内容超过总部单次上限。数据都安全保存在本机。请告知总部工程师。"
        ),
        .refusalBusy: (
            "Head office is busy. Everything is safe here. Try again in a moment.",
            "总部繁忙。数据都安全保存在本机。请稍后重试。"
        ),
        .refusalOrder: (
            "Head office did not expect that. Everything is safe here. Upgrade, or tell head office's engineer.",
            "通信顺序有误。数据都安全保存在本机。请升级或告知总部工程师。"
        ),
        .refusalSignature: (
            "Head office does not know the key that signs for this laptop. Nothing recorded here is lost. Tell head office: this laptop is to be enrolled again.",
            "总部不认识本机用于签名的密钥。本机记录没有丢失。请联系总部：本机需要重新注册。"
        ),
        .refusalCode: (
            "Head office does not know that code, or it is used or expired. Nothing was made. Ask for a new one (daybook-server laptop code NAME).",
            "注册码不存在、已使用或已过期。没有建立账本。请索取新的注册码（daybook-server laptop code 名称）。"
        ),
        .refusalInternal: (
            "Head office has a fault. Everything is safe here. Try again later.",
            "总部出现故障。数据都安全保存在本机。请稍后重试。"
        ),
        .refusalUnknown: (
            "Head office refused for a reason that this release does not know. Everything is safe here. Upgrade.",
            "总部拒绝，本版本无法说明原因。数据都安全保存在本机。请升级。"
        ),
        .adminReport: ("There are no figures “%1”. There are: %2", "没有报表 “%1”。可用：%2"),
        .adminNameHeld: (
            "There is a laptop %1 already. Nothing was changed. Choose another name.",
            "已有名为 %1 的电脑。没有改动任何内容。请换一个名称。"
        ),
        .adminLaptopUnknown: (
            "There is no laptop %1. Nothing was changed.", "没有名为 %1 的电脑。没有改动任何内容。"
        ),
        .adminNotAScope: (
            "%1 is neither a store nor an event. Nothing was changed.", "%1 不是门店也不是活动。没有改动任何内容。"
        ),
        .adminUnreachable: (
            "The server of this folder does not answer. What it confirmed is safe; the last step may or may not be written. Look with daybook-server status before you repeat it; an import can just be run again.",
            "此目录的服务没有应答。已确认的内容是安全的，最后一步可能已写入也可能没有。重复操作前请用 daybook-server status 查看；导入可直接重新运行。"
        ),
        .unexpected: (
            "Something unexpected: %1. Look with daybook status whether the last entry is there before you write it again.",
            "意外错误：%1。重新记录前，请先用 daybook status 查看上一笔是否已保存。"
        ),
    ]
}
