use super::{Counted, Happened, Words};

pub(super) const WORDS: Words = Words {
    sold_out: Happened {
        heading: "AUSVERKAUFT",
        items: Counted { one: "{} ausverkauft", many: "{} ausverkauft" },
    },
    running_low: Happened {
        heading: "BALD AUSVERKAUFT",
        items: Counted { one: "{} bald ausverkauft", many: "{} bald ausverkauft" },
    },
    back_in_stock: Happened {
        heading: "WIEDER AUF LAGER",
        items: Counted { one: "{} wieder auf Lager", many: "{} wieder auf Lager" },
    },
    comma: ", ",
    new: "neu",
    was: "vorher {}",
    reorder_at: "nachbestellen ab {}",
    more: Counted { one: "und {} weiterer Artikel", many: "und {} weitere Artikel" },
    from: "Aus {}, gezählt {}",
    counted: "Gezählt {}",
    more_uploads: Counted { one: "und {} weitere Datei", many: "und {} weitere Dateien" },
    dashboard: "Alle Bestände: {}",
    part: "Teil {} von {}",
    stock: "Bestand",
};
