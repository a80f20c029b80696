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
    METER_SAID = "The meter said", "Jawaban meter"

    NOT_A_TOKEN = "The clipboard holds no token.", "Papan klip tidak berisi token."

    def in_language(self, language: Language) -> str:
        """The words."""
        english, indonesian = self.value
        return english if language is Language.ENGLISH else indonesian
