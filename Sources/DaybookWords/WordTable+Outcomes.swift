extension WordTable {
    static let outcomes: [Word: (String, String)] = [
        .enrolled: ("This laptop is enrolled as %1. Its book: %2", "本电脑已登记为 %1。账本：%2"),
        .enrolledNext: (
            "Next: daybook sync, or let daybook agent run.", "下一步：daybook sync，或运行 daybook agent。"
        ),
        .written: ("Written: %1", "已记录：%1"),
        .edited: ("Changed.", "已修改。"),
        .removed: ("Removed.", "已移除。"),
        .synced: (
            "In step with head office: %1 postings sent, %2 pages received.",
            "已与总部同步：发送 %1 批，接收 %2 页。"
        ),
        .syncCut: (
            "The line was cut. What arrived is kept; the next sync goes on from there.",
            "连接中断。已收到的内容已保存，下次同步从中断处继续。"
        ),
        .syncRefusals: (
            "Head office refused %1 edits; see daybook inbox.", "总部拒绝了 %1 处修改，见 daybook inbox。"
        ),
        .syncDiffers: (
            "The book differs from head office in %1 scopes. Nothing is lost; tell head office's engineer.",
            "账本有 %1 个范围与总部不一致。数据没有丢失，请告知总部工程师。"
        ),
        .nothingNew: ("Nothing to send, nothing new.", "无需发送，也没有新内容。"),
        .agentRuns: (
            "Keeping %1 in step with %2. Stop with Ctrl-C.", "正在使 %1 与 %2 保持同步。按 Ctrl-C 停止。"
        ),
        .agentStops: ("Stopped.", "已停止。"),
        .statusLaptop: ("Laptop %1", "电脑 %1"),
        .statusOffice: ("Head office %1", "总部 %1"),
        .statusUnanswered: (
            "%1 entries wait to be posted, the oldest since %2. They are safe on this laptop.",
            "有 %1 笔记录待上报，最早的写于 %2。它们已安全保存在本机。"
        ),
        .statusAllPosted: ("Everything written here is at head office.", "本机所有记录均已上报总部。"),
        .statusRefusals: (
            "%1 refused edits nobody has read: daybook inbox", "有 %1 处被拒绝的修改未读：daybook inbox"
        ),
        .statusNameTaken: (
            "%1 entries could not be recorded under their names; they are kept here.",
            "有 %1 笔记录因编号冲突未能上报，仍保存在本机。"
        ),
        .statusNeverSynced: ("Never synced yet.", "尚未同步过。"),
        .statusDiffers: ("differs from head office", "与总部不一致"),
        .statusChecked: ("The file is sound.", "文件完好。"),
        .statusDamaged: ("The file is damaged: %1", "文件已损坏：%1"),
        .inboxEmpty: ("No edit of yours was refused.", "没有被拒绝的修改。"),
        .listEmpty: ("Nothing yet.", "暂无记录。"),
        .imported: ("%1 rows: %2 added, %3 already there.", "共 %1 行：新增 %2，已存在 %3。"),
        .importedMadeUp: (
            "%1 products were not in any catalogue; they got a made-up price of %2.",
            "有 %1 个商品不在目录中，已按暂定价 %2 建立。"
        ),
        .importRejected: (
            "%1 rows were not taken; they are in %2 with the reasons.", "有 %1 行未导入，见 %2（含原因）。"
        ),
        .exported: ("%1 records written to %2.", "已将 %1 条记录写入 %2。"),
        .initDone: ("Head office of %1 is ready in %2.", "%1 的总部已建立于 %2。"),
        .initNext: (
            "Next: daybook-server store add, staff add, event open, laptop add; then serve.",
            "下一步：daybook-server store add、staff add、event open、laptop add，然后 serve。"
        ),
        .serving: ("Serving on %1", "正在服务：%1"),
        .served: ("Stopped; everything acknowledged is on disk.", "已停止；所有已确认的数据都在磁盘上。"),
        .codeGiven: ("Code for %1: %2 (good for seven days, once)", "%1 的注册码：%2（七天内有效，仅一次）"),
        .codeNext: (
            "On the laptop: daybook enrol %1",
            "在该电脑上运行：daybook enrol %1"
        ),
        .laptopEmpty: ("No laptop yet.", "还没有电脑。"),
        .officeIs: (
            "%1 (catalogue %2, sequence %3): %4 laptops, %5 matters",
            "%1（目录版本 %2，序号 %3）：%4 台电脑，%5 项待处理"
        ),
        .countBegun: ("Count begun: %1", "盘点开始：%1"),
        .countEnded: ("Count finished.", "盘点结束。"),
        .done: ("Done.", "完成。"),
        .headId: ("Id", "编号"), .headBy: ("By", "记录人"), .headAt: ("When", "时间"),
        .headScope: ("Scope", "范围"), .headRecords: ("Records", "条数"),
        .headDigest: ("Digest", "摘要"), .headState: ("State", "状态"),
        .headPosting: ("Posting", "批次"), .headArrived: ("Arrived", "到达时间"),
        .headHash: ("Hash", "哈希"), .headKey: ("Key", "密钥"),
        .headChain: ("Postings before", "前序批次"),
        .proven: ("signature holds", "签名有效"), .proveUnsigned: ("NOT SIGNED", "没有有效签名"),
        .proveOther: ("OTHER CONTENT", "内容不符"), .proveGap: ("GAP BEFORE IT", "前序缺失"),
        .proveNothing: (
            "Head office wrote this itself: no laptop signed it.", "这条记录由总部自行写入：没有电脑的签名。"
        ),
        .proveUnknown: (
            "Head office has no record %1. Nothing was changed. Give its id, as daybook list prints it.",
            "总部没有记录 %1。没有改动任何内容。请使用 daybook list 显示的编号。"
        ),
        .receiptsNone: (
            "Head office has not confirmed anything of this book yet.", "总部尚未确认本账本的任何内容。"
        ),
        .headLaptop: ("Laptop", "电脑"), .headEnrolled: ("Enrolled", "已登记"),
        .headHeard: ("Heard from (within the hour)", "最近联系（一小时内）"),
        .headClock: ("Clock off by", "时钟偏差"), .headPostings: ("Postings", "上报批数"),
        .headScopes: ("Scopes", "所属范围"), .headPeople: ("People", "人员"),
        .headCollection: ("Collection", "类型"), .headField: ("Field", "字段"),
        .headValue: ("Value", "内容"), .headReason: ("Why", "原因"),
        .headRecord: ("Record", "记录"), .headOffice: ("Head office", "总部"),
        .yes: ("yes", "是"), .no: ("no", "否"), .never: ("never", "从未"),
        .agrees: ("agrees", "一致"), .differs: ("differs", "不一致"), .lost: ("lost", "已失去"),
        .disputed: ("disputed: also %1", "有争议：另有 %1"), .removal: ("removal", "移除"),
        .revoked: ("revoked", "已停用"),
        .progressCheck: ("Checking", "检查中"), .progressImport: ("Importing", "导入中"),
        .progressSync: ("Syncing", "同步中"),
        .demoTitle: ("A road-show day", "路演日演示"),
        .demoOffice: (
            "Head office of %1 serves on %2: 2 stores, 4 staff.", "总部 %1 在 %2 提供服务：2 家门店，4 名员工。"
        ),
        .demoImported: (
            "Catalogue imported: %1 products from %2 files; %3 baskets.",
            "已导入目录：%2 个文件共 %1 个商品；%3 个购物篮。"
        ),
        .demoEvent: ("Event open: %1, with a form of %2 questions.", "活动已开设：%1，登记表含 %2 个问题。"),
        .demoLaptops: ("Laptops enrolled and synced: %1.", "电脑已登记并同步：%1。"),
        .demoOffline: ("The line goes down: nothing answers any more.", "网络断开：无法连接总部。"),
        .demoOfflineProof: (
            "%1 tries to sync: exit code %2, and everything stays on the laptop.",
            "%1 尝试同步：退出码 %2，数据都留在本机。"
        ),
        .demoWrote: (
            "%1 wrote offline: %2 sign-ups, %3 gifts, %4 sales, a count, a loan and an edit.",
            "%1 离线记录：%2 条登记、%3 份礼品、%4 笔销售、一次盘点、一次借用和一处修改。"
        ),
        .demoBack: ("The line is back for %1.", "%1 恢复网络。"),
        .demoKilled: (
            "%1 is killed while %2 bytes of its posting are on the way.", "%1 在上报发出 %2 字节时被强制终止。"
        ),
        .demoResent: (
            "%1 starts again and sends %2 posting(s) again, as they were sealed.",
            "%1 重新启动，原样重发 %2 批。"
        ),
        .demoQuiet: ("Both synced until quiet.", "两台电脑均已同步完毕。"),
        .demoFigures: ("Head office's figures:", "总部数据："),
        .demoAgree: (
            "All %1 books agree: every scope's digest, recomputed from the closed files, is head office's.",
            "全部 %1 本账本一致：由关闭后的文件重新计算，各范围摘要均与总部相同。"
        ),
        .demoDisagree: ("The books do not agree.", "账本不一致。"),
        .demoFiles: ("The files are in %1", "文件保存在 %1"),
        .demoFailed: ("The demo stopped: %1", "演示中断：%1"),
    ]
}
