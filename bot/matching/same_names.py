"""Which spellings are one name: the table of known names, and the spellings of the press that it keeps apart.

The table has a group for each entry of its source, and the spellings of two countries may have two: Youssef and Yusuf.
Below stand well-known equivalences only, of given names; forms are folded when they are read.
"""

from __future__ import annotations

from bot.known_names import known_names
from bot.text import fold

_PRESS = """
mohamed mohammed muhammad mohammad mohamad muhammed mohamet muhamad mehmed mehmet محمد мохамед мохаммед мухаммад магомед
ahmed ahmad ahmet achmed احمد ахмед ахмад
youssef yusuf yousef yousuf yossef yussuf يوسف юсуф юсеф иосиф
abdallah abdullah abdulla abdoullah عبدالله абдулла абдалла
ali aly علي али
hassan hasan hassane حسن хасан
hussein hussain houssine hussien hocine husayn حسين хусейн
omar umar omer عمر омар умар
othman osman uthman عثمان осман
ibrahim ebrahim brahim ibrahima ابراهيم ибрагим
ismail ismael smail esmail اسماعيل исмаил
khalid khaled خالد халид
said saeed sayid سعيد саид
rachid rashid رشيد рашид
mustapha mustafa moustapha moustafa مصطفى мустафа
abdelkader abdulkader abdelqader abdulqadir عبدالقادر
karim kareem كريم карим
jamal djamel gamal djamal jamel جمال джамаль
nasser nasir naser ناصر насер
mehdi mahdi مهدي махди
yassine yasin yacine yasine yassin ياسين ясин
aicha aisha ayesha عائشة аиша
fatima fatma fatimah فاطمة фатима
leila layla laila leyla ليلى лейла
sergei sergey serguei serhiy сергей сергій سيرجي
alexander aleksandr aleksander александр اليكساندر
alexei aleksei alexey aleksey алексей
andrei andrey андрей اندريه
vladimir wladimir volodymyr владимир володимир فلاديمير
dmitri dmitry dmitriy dimitri dimitry дмитрий
nikolai nikolay nicolai nikolaj nikola николай
mikhail michail михаил mikael
yevgeny evgeny evgueni yevgeni jewgeni евгений
yuri yury iouri youri jurij юрий
ivan иван
piotr pyotr петр
igor ihor игорь
oleg oleh олег
slimane sulayman suleiman soliman soulaimane suleyman سليمان сулейман
toufik tawfik tawfiq taoufik toufiq توفيق тауфик
noureddine nureddin nouraldin nuraldin nureddine نورالدين нуреддин
faycal faisal faysal feisal فيصل фейсал
anouar anwar enver انور анвар
salah saleh صلاح салах
hamza hamzah حمزه хамза
bilal bilel belal بلال билал
djamila jamila جميله джамиля
houari huari هواري
abdelaziz abdulaziz عبدالعزيز абдулазиз
tayeb taieb tayyeb الطيب طيب
"""


def _read(groups: str) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for number, line in enumerate(groups.strip().splitlines(), 1):
        for form in line.split():
            found.setdefault(fold(form), []).append(-number)  # those of the table are not negative
    return {form: tuple(numbers) for form, numbers in found.items()}


_NUMBERS = _read(_PRESS)


def same_names(folded: str) -> tuple[int, ...]:
    """The groups a folded word belongs to; two words that share one are one name."""
    return known_names().groups(folded) + _NUMBERS.get(folded, ())
