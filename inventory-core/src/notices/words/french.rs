use super::{Counted, Happened, Words};

// Without â, ê, î, ô and û, which would make a text message one of 70
// characters instead of 160.
pub(super) const WORDS: Words = Words {
    sold_out: Happened { heading: "ÉPUISÉ", items: Counted { one: "{} épuisé", many: "{} épuisés" } },
    running_low: Happened {
        heading: "PRESQUE ÉPUISÉ",
        items: Counted { one: "{} presque épuisé", many: "{} presque épuisés" },
    },
    back_in_stock: Happened {
        heading: "DE NOUVEAU EN STOCK",
        items: Counted { one: "{} de nouveau en stock", many: "{} de nouveau en stock" },
    },
    comma: ", ",
    new: "nouveau",
    was: "avant {}",
    reorder_at: "à commander à {}",
    more: Counted { one: "et {} autre article", many: "et {} autres articles" },
    from: "D'après {}, compté le {}",
    counted: "Compté le {}",
    more_uploads: Counted { one: "et {} autre fichier", many: "et {} autres fichiers" },
    dashboard: "Tout le stock : {}",
    part: "partie {} sur {}",
    stock: "Stock",
};
