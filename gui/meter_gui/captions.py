"""Every word of the window in English and Indonesian: one table. What the LCD says is not in it, that is the meter's own."""

from enum import Enum, StrEnum


class Language(StrEnum):
    """The languages."""

    ENGLISH = "en"
    INDONESIAN = "id"


class Caption(Enum):
    """A word or sentence of the window: English, Indonesian."""

    PREPAID_METER = "Prepaid kWh meter", "kWh meter prabayar"
    METER_NUMBER = "METER NUMBER", "NO. METER"
    CREDIT = "Credit", "Kredit"
    PULSE = "Pulse", "Impuls"
    RELAY = "Relay", "Relai"
    SOUND = "Sound", "Suara"
    LED_GREEN = "plenty", "cukup"
    LED_YELLOW = "getting low", "menipis"
    LED_RED = "low", "rendah"
    LED_RED_BLINKING = "used up", "habis"
    CLOSED = "closed", "tutup"
    OPEN = "open", "buka"
    ON = "on", "hidup"
    OFF = "off", "mati"
    MUTED = "muted", "senyap"
    BEEPING = "beep!", "bip!"

    HOUSE = "House", "Rumah"
    POWER_NOW = "Power now", "Daya sekarang"
    CREDIT_LEFT = "Credit left", "Sisa kredit"
    LASTS = "Lasts for", "Cukup untuk"
    LOAD = "Load", "Beban"
    OTHER_LOAD = "Other load, of no appliance here: {watts} W", "Beban lain, bukan alat di sini: {watts} W"
    LIMIT = "limit {watts} W", "batas {watts} W"
    NOTHING_FLOWS = "no current", "tanpa arus"
    POWER_AXIS = "Power, W", "Daya, W"
    CREDIT_AXIS = "Credit, kWh", "Kredit, kWh"
    NOW = "now", "kini"
    LAMPS = "Lights", "Lampu"
    FAN = "Fan", "Kipas"
    TELEVISION = "TV", "TV"
    FRIDGE = "Fridge", "Kulkas"
    RICE_COOKER = "Rice cooker", "Magic com"
    PUMP = "Water pump", "Pompa air"
    IRON = "Iron", "Setrika"
    AIR_CONDITIONER = "Air con", "AC"

    BENCH = "Test bench", "Bangku uji"
    SUPPLY = "Mains supply", "Pasokan listrik"
    CLOCK_SPEED = "Clock speed", "Kecepatan waktu"
    AHEAD = "{duration} ahead of real time", "maju {duration} dari waktu nyata"
    SLOWED = "x1 while you type", "x1 saat mengetik"
    TAMPER = "Tamper and faults", "Gangguan"
    TERMINAL_COVER = "Terminal cover", "Tutup terminal"
    METER_COVER = "Meter cover", "Tutup meter"
    REVERSED = "Reversed", "Arus terbalik"
    BYPASS = "Bypass", "Bypass"
    CURRENT_DIFFERENCE = "Leak 500 mA", "Bocor 500 mA"
    RELAY_STUCK = "Relay stuck", "Relai macet"
    CLEARANCE = "Ask for a clear-tamper token", "Minta token hapus gangguan"

    SHOP = "Token shop", "Loket token"
    SHOP_HINT = "Buy power: you get 20 digits to key in.", "Beli listrik: Anda dapat 20 digit untuk diketik."
    NO_SHOP = "No shop is connected to this window.", "Tidak ada loket yang terhubung."
    BUYING = "Buying {what} ...", "Membeli {what} ..."
    ASKING = "Asking the utility ...", "Meminta ke PLN ..."
    TYPE_THIS = "Key in these 20 digits, then the green key", "Ketik 20 digit ini, lalu tombol hijau"
    TYPE_FOR_ME = "Type it for me", "Ketikkan untuk saya"
    IN_THE_METER = "In the meter", "Sudah masuk meter"
    PRICE = (
        "{code}: {nominal} - fee {fee} = {amount}; the kiosk pays {price}",
        "{code}: {nominal} - biaya {fee} = {amount}; kios membayar {price}",
    )

    INSIDE = "Inside the token", "Isi token"
    NO_TOKEN = "Key in a token, and see here what its 20 digits say.", "Ketik token, lalu lihat di sini arti ke-20 digitnya."
    NUMBER_OF_66_BITS = "20 digits = one number of 66 bits", "20 digit = satu bilangan 66 bit"
    TOKEN_CLASS = "Class", "Kelas"
    ENCRYPTED = "Encrypted", "Terenkripsi"
    PLAIN = "Plain", "Terbuka"
    NOT_ENCRYPTED = "class 1 is never encrypted", "kelas 1 tak pernah dienkripsi"
    CHECKSUM = "Checksum", "Checksum"
    RIGHT = "right", "benar"
    WRONG = "wrong: other digits, or another meter's key", "salah: digit lain, atau kunci meter lain"
    HIDDEN = "* parts of a key, never shown", "* bagian kunci, tak pernah ditampilkan"
    NO_FORM = "These digits are no token.", "Digit ini bukan token."
    TOO_FEW_DIGITS = (
        "{digits} digits: a token has 20, a short code 1 to {longest}.",
        "{digits} digit: token 20 digit, kode singkat 1 sampai {longest}.",
    )
    METER_SAID = "The meter said", "Jawaban meter"

    DARK = "No mains supply: the meter is dark.", "Tanpa pasokan listrik: meter padam."
    KEY_IN = "Key in a 20-digit token and press the green key.", "Ketik token 20 digit, lalu tekan tombol hijau."
    MAYBE_SHORT_CODE = (
        "{digits} so far: 1 to {longest} digits and the green key ask for a value (short code), a token has 20.",
        "Baru {digits}: 1 sampai {longest} digit dan tombol hijau menanyakan nilai (kode singkat), token 20 digit.",
    )
    DIGITS_MISSING = (
        "{digits} digits: {missing} are missing. The green key before the 20th counts as a wrong try.",
        "{digits} digit: kurang {missing}. Tombol hijau sebelum digit ke-20 dihitung salah.",
    )
    ALL_DIGITS = "All 20 digits: now the green key.", "Lengkap 20 digit: sekarang tombol hijau."
    TAKEN = "the meter has taken the token.", "token diterima meter."
    SECTION_TAKEN = "one part of the new key is in.", "satu bagian kunci baru sudah masuk."
    SECTIONS_AWAITED = (
        "the tokens of the key change that are still missing. Key them in too.",
        "token ganti kunci yang masih kurang. Ketik juga token itu.",
    )
    CREDIT_ADDED = "The credit that this token brought.", "Kredit dari token ini."
    CREDIT_NOW = "The credit that the meter has now.", "Kredit di meter sekarang."
    SHORT_CODE_ANSWER = "The value that was asked for.", "Nilai yang ditanyakan."
    NO_SHORT_CODE = "this meter has no such short code.", "meter ini tidak mengenal kode singkat itu."
    TOO_MUCH_CREDIT = (
        "with this credit the register would run over. Use some first.",
        "kredit ini melebihi register. Pakai dahulu sebagian.",
    )
    WRONG_KEY_CHANGE = "a key change from this type of key is not allowed.", "ganti kunci dari jenis kunci ini tidak boleh."
    NO_SUCH_TOKEN = "these digits are no token.", "digit ini bukan token."
    NOT_20_DIGITS = (
        "these are {digits} digits; a token has 20, a short code 1 to {longest}.",
        "ini {digits} digit; token 20 digit, kode singkat 1 sampai {longest}.",
    )
    NOT_THIS_METERS = "no token of this meter, or mistyped.", "bukan token meter ini, atau salah ketik."
    OUT_OF_RANGE = "the token sets a value that is not allowed.", "nilai di token ini tidak boleh."
    NOT_SUPPORTED = "this meter cannot do what the token asks.", "meter ini tidak bisa menjalankan token ini."
    TOO_OLD = "the token is too old for this meter. Ask for a new one.", "token terlalu lama untuk meter ini. Minta yang baru."
    ALREADY_USED = (
        "this meter has had this token before; its credit is in.",
        "token ini sudah pernah dimasukkan; kreditnya sudah masuk.",
    )
    KEY_EXPIRED = "the meter's key has expired; it needs a key change.", "kunci meter kedaluwarsa; perlu ganti kunci."
    DEFAULT_KEY = (
        "the meter still has its maker's key, which takes no credit; it needs a key change.",
        "meter masih memakai kunci pabrik, yang tidak menerima kredit; perlu ganti kunci.",
    )
    OTHER_MAKER = "a test token of another maker.", "token uji dari pembuat lain."
    LOCKED_OUT = (
        "locked after wrong tries, the token was not looked at. Wait, then key it in again.",
        "terkunci karena salah ketik, token tidak diperiksa. Tunggu, lalu ketik lagi.",
    )
    STILL_LOCKED = (
        "Locked after {wrong} wrong tries: no token is taken for {seconds} s.",
        "Terkunci setelah {wrong} kali salah: token tidak diterima selama {seconds} dtk.",
    )
    WRONG_TRY = (
        "Wrong tries: {wrong}. Number {tries} in a row locks the meter.",
        "Salah {wrong} kali. Yang ke-{tries} berturut-turut mengunci meter.",
    )
    NEXT_TRY_LOCKS = (
        "Wrong tries: {wrong}. One more in a row locks the meter.",
        "Salah {wrong} kali. Sekali lagi berturut-turut mengunci meter.",
    )
    WRONG_TRY_LOCKS = (
        "Wrong try {wrong}: the meter takes no token for {seconds} s.",
        "Salah ke-{wrong}: meter tidak menerima token selama {seconds} dtk.",
    )
    REFUSED_TAMPERED = (
        "tampered, so the credit was refused; the token stays good. A clear-tamper token comes first.",
        "ada gangguan, jadi kredit ditolak; token tetap berlaku. Token hapus gangguan dahulu.",
    )
    TAMPERED = (
        "tampered. The relay stays closed, but credit is refused: end the cause, then key in a clear-tamper token.",
        "ada gangguan. Relai tetap tutup, kredit ditolak: hilangkan sebabnya, lalu ketik token hapus gangguan.",
    )
    TAMPERED_OPEN = (
        "tampered, and the relay is open. Credit is refused: end the cause, then key in a clear-tamper token.",
        "ada gangguan, relai terbuka. Kredit ditolak: hilangkan sebabnya, lalu ketik token hapus gangguan.",
    )
    NO_CREDIT = (
        "the credit is used up, so the relay is open and 0 W flow. Buy a token and key it in.",
        "kredit terpakai semua, relai terbuka dan daya 0 W. Beli token dan ketik.",
    )
    OVERLOAD = (
        "the load was above {limit} W. The relay is open for a minute; switch something off.",
        "beban di atas {limit} W. Relai terbuka satu menit; matikan sesuatu.",
    )
    OVERLOAD_LOCKED = (
        "above {limit} W {trips} times within {within} minutes. The relay is open for {minutes} minutes.",
        "{trips} kali di atas {limit} W dalam {within} menit. Relai terbuka {minutes} menit.",
    )
    OVERLOAD_WARNING = (
        "the load is above {limit} W. Switch something off, or the relay opens within {seconds} s.",
        "beban di atas {limit} W. Matikan sesuatu, atau relai terbuka dalam {seconds} dtk.",
    )
    STUCK = (
        "The credit is used up, but the relay is stuck and current flows on.",
        "Kredit habis, tetapi relai macet dan arus tetap mengalir.",
    )

    HELP = "F1  Help", "F1  Bantuan"
    KEYBOARD = "Keys of the keyboard", "Tombol papan ketik"
    KEY_DIGITS = "the digits of the meter", "digit di meter"
    KEY_BACKSPACE = "the yellow key: takes the last digit back", "tombol kuning: hapus digit terakhir"
    KEY_ENTER = "the green key: enters the digits", "tombol hijau: masukkan digit"
    KEY_PASTE = "key in the token in the clipboard", "ketik token dari papan klip"
    KEY_MUTE = "sound off, sound on", "suara mati, suara hidup"
    KEY_FACE = "the meter alone, or with its panels", "meter saja, atau dengan panelnya"
    KEY_FULL = "fill the screen, or not", "layar penuh, atau tidak"
    KEY_QUIT = "close the window; nothing is lost", "tutup jendela; tidak ada yang hilang"
    KEY_HELP = "this list, shown and taken away", "daftar ini, muncul dan hilang"

    NOT_A_TOKEN = "The clipboard holds no token.", "Papan klip tidak berisi token."

    def in_language(self, language: Language) -> str:
        """The words."""
        english, indonesian = self.value
        return english if language is Language.ENGLISH else indonesian
