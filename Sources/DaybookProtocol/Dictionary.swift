/// The preset dictionary of protocol version 1: the bytes of `Protocol/dictionaries/v1.txt`, which a test compares.
package enum PresetDictionary {
    package static let version1 = Array(text.utf8)

    private static let text = """
        伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰红梅鹏辉斌波宇浩凯健俊帆雪琳晨欣怡佳嘉子涵梓轩雨泽思彤诗博文天一诺可\
        馨依婷慧莹晶燕玲丹萍青松林峰海志国建新春生永福德胜利成才振东晓小大家豪冠安琪若曦语嫣梦瑶紫萱清妍沐宸奕辰景行王李张刘陈杨\
        黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩邓冯曹彭曾萧田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付\
        方邹熊白孟秦邱侯江尹薛闫段雷龙史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤精装便携家用加厚迷你环保儿童复古不锈钢经典轻便加大无\
        线防水限量保温杯雨伞帆布袋笔记本毛巾充电宝数据线玩偶马克杯口罩洗手液棒球帽钥匙扣手机支架台历茶叶礼盒坚果礼包矿泉水香薰J\
        ames\u{20}Mary\u{20}John\u{20}Robert\u{20}Jennifer\u{20}Michael\u{20}Linda\u{20}David\u{20}Elizabeth\
        \u{20}William\u{20}Wong\u{20}Chan\u{20}Lee\u{20}Tan\u{20}Lim\u{20}Kumar\u{20}Singh\u{20}Kim\u{20}Park\u{20}Smith\u{20}Jo\
        hnson\u{20}Williams\u{20}Brown\u{20}Jones\u{20}Garcia\u{20}Miller\u{20}Davis\u{20}default-title\
        \u{20}large\u{20}medium\u{20}small\u{20}regular\u{20}title\u{20}size\u{20}color\u{20}black\u{20}white\u{20}blu\
        e\u{20}green\u{20}red\u{20}gold\u{20}silver\u{20}gift\u{20}card\u{20}shirt\u{20}bag\u{20}cup\u{20}umbrella\u{20}tow\
        el\u{20}notebook\u{20}transfer_in\u{20}transfer_out\u{20}adjustment\u{20}receipt\u{20}dama\
        ge\u{20}return\u{20}issue\u{20}gift\u{20}sale\u{20}camera\u{20}vehicle\u{20}x_stand\u{20}printed_mat\
        ter\u{20}cash\u{20}wechat\u{20}alipay\u{20}card\u{20}会员介绍\u{20}老客户\u{20}两人同行\u{20}walk-in\u{20}VIP\u{20}需回电\u{20}已领\
        赠品\u{20}带小孩\u{20}下午场\u{20}朋友推荐\u{20}座位\u{20}赠品编号\u{20}微信:\u{20}wx_\u{20}电话号码待核实\u{20}no\u{20}gift\u{20}left\u{20}call\u{20}ba\
        ck\u{20}after\u{20}referred\u{20}by\u{20}入口\u{20}主舞台\u{20}展位\u{20}门店\u{20}总部\u{20}活动\u{20}报名\u{20}礼品\u{20}库存\u{20}盘点\u{20}销售\u{20}CNY\u{20}C\
        NYCNY1301311321331341351361371381391471501511521531551561571\
        581591661731751761771781801811821831841851861871881891911981\
        99\

        """
}
