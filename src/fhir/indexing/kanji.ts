/**
 * Kanji that name the same thing in two shapes: the form before 1946 or a variant common in names and addresses, followed by
 * the form under which both are indexed. Compatibility ideographs (U+F900 …) are absent as they decompose by themselves,
 * except those few that Unicode gives no decomposition (U+FA11 and others).
 */
const PAIRS = `
髙高 﨑崎 嵜崎 邉辺 邊辺 齋斉 齊斉 斎斉 濵浜 濱浜 澤沢 廣広 𠮷吉 櫻桜 國国 龍竜 瀧滝 嶋島 嶌島 槇槙 冨富 曾曽 眞真 圓円 惠恵 榮栄 德徳 桒桑 靜静 壽寿 與与 萬万 佛仏 鐵鉄 藏蔵 條条
彌弥 豐豊 彥彦 增増 黑黒 黃黄 淺浅 將将 實実 寬寛 寶宝 寳宝 峯峰 嶽岳 峽峡 戶戸 來来 禮礼 禰祢 籔薮 藪薮 檜桧 鷗鴎 鶯鴬 舘館 莊荘 菟莵 輕軽 會会 渕淵 渊淵 應応 緣縁 臺台 參参 驒騨
凛凜 鹽塩 關関 瀨瀬 賴頼 鄕郷 敎教 晉晋 吳呉 昻昂 穰穣 讓譲 釀醸 孃嬢 顯顕 顏顔 龜亀 學学 覺覚 氣気 廳庁 醫医 藥薬 驛駅 澁渋 澀渋 縣県 區区 圖図 團団 體体 總総 繩縄 獨独 從従 數数
號号 變変 點点 當当 黨党 燈灯 稻稲 拂払 濟済 劑剤 劍剣 劒剣 嚴厳 巖巌 壯壮 假仮 兒児 勳勲 狹狭 桺柳 栁柳 舩船 埜野 逹達 檮梼 薗園 籠篭 諫諌 蘆芦 蠅蝿 噓嘘 靏鶴 靍鶴 鈎鉤 橫横 步歩
溫温 曆暦 歷歴 靑青 淸清 內内 圡土 恆恒 邨村 辨弁 瓣弁 辯弁 亞亜 衞衛 罐缶 觀観 歸帰 舊旧 擧挙 曉暁 薰薫 螢蛍 藝芸 缺欠 儉倹 險険 驗験 雙双 莖茎 徑径 經経 擇択 釋釈 鑛鉱 擴拡 雜雑
殘残 絲糸 齒歯 辭辞 濕湿 寫写 收収 獸獣 縱縦 肅粛 處処 敍叙 奬奨 燒焼 證証 乘乗 淨浄 剩剰 疊畳 狀状 盡尽 粹粋 醉酔 穗穂 隨随 髓髄 樞枢 聲声 竊窃 攝摂 專専 戰戦 纖繊 踐践 錢銭 禪禅
搜捜 爭争 裝装 臟臓 屬属 續続 對対 帶帯 滯滞 擔担 單単 膽胆 斷断 遲遅 晝昼 鑄鋳 聽聴 鎭鎮 遞逓 轉転 傳伝 盜盗 讀読 惱悩 腦脳 霸覇 拜拝 廢廃 賣売 麥麦 發発 髮髪 拔抜 蠻蛮 祕秘 甁瓶
竝並 襃褒 沒没 飜翻 每毎 滿満 默黙 譯訳 餘余 譽誉 搖揺 樣様 謠謡 覽覧 兩両 獵猟 綠緑 壘塁 淚涙 勵励 靈霊 齡齢 戀恋 爐炉 勞労 樓楼 灣湾 壹壱 稱称 壓圧 圍囲 爲為 隱隠 營営 驅駆 鷄鶏
惡悪 穩穏 價価 畫画 懷懐 壞壊 殼殻 樂楽 勸勧 卷巻 歡歓 僞偽 戲戯 犧犠 據拠 虛虚 堯尭 遙遥 檢検 權権 獻献 圈圏 硏研 效効 碎砕 册冊 產産 贊賛 棧桟 慘惨 蠶蚕 愼慎 稅税 說説 絕絶 潛潜
騷騒 卽即 墮堕 鬪闘 彈弾 蟲虫 敕勅 鬭闘 屆届 繼継 顚顛 兔兎 貳弐 姬姫 萠萌 冲沖 凉涼 杦杉 桝枡 祿禄 葢蓋 蔣蒋 蕚萼 蹟跡 迹跡 鄉郷 鉃鉄 鋪舗 閒間 頰頬 餠餅 駈駆 鰺鯵 鹼鹸 麪麺
麵麺
`;

/** Variant → the form under which it is indexed; one code point to one code point. */
export const KANJI_VARIANTS: ReadonlyMap<string, string> = new Map(
  PAIRS.split(/\s+/u)
    .map((pair) => [...pair])
    .filter((pair): pair is [string, string] => pair.length === 2 && pair[0] !== pair[1])
    .map(([variant, form]) => [variant, form]),
);
