# SPDX-License-Identifier: ISC
"""letters.py DIR - the post of an invented office: DIR/NN.eml, and DIR/list with "NN MOMENT ENVELOPE-SENDER" in each line.

Nobody of these people lives, and no firm of these names is known; telephone numbers are of the range that no operator gives out.
The letters are what comes to such a mailbox: reports in three languages, with attachments and without, a threat, abuse, one
without a name, a call, later messages, an old charset, a page of HTML, an advertisement, an automatic answer.
"""
import pathlib
import sys
from email.message import EmailMessage

MAILBOX = "senim@kmo.kz"


def letter(number, who, subject, text, *, charset="utf-8", html=False, files=(), headers=()):
    made = EmailMessage()
    name, address = who
    made["From"] = f"{name} <{address}>" if name else address
    made["To"] = MAILBOX
    made["Subject"] = subject
    made["Message-ID"] = f"<{number}@post.example>"
    for key, value in headers:
        made[key] = value
    made.set_content(text, subtype="html" if html else "plain", charset=charset, cte="base64")
    for file, kind, octets in files:
        made.add_attachment(octets, maintype=kind.split("/")[0], subtype=kind.split("/")[1], filename=file)
    if files:
        made.set_boundary(f"part-{number}")
    return made.as_bytes()


PDF = b"%PDF-1.4\n" + bytes(range(256)) * 60
PICTURE = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(range(256)) * 900
CALL = b"RIFF\x24\x7d\x00\x00WAVEfmt \x10\x00\x00\x00\x01\x00\x01\x00\x40\x1f\x00\x00\x80\x3e\x00\x00\x02\x00\x10\x00data" + bytes(32000)

POST = [
    ("2026-11-16T09:12", ("Дәурен Ахметов", "d.akhmetov@example.org"), "Компьютер сатып алу туралы", """\
Құрметті комплаенс қызметі!

Біздің бөлімде компьютер сатып алу конкурсын былтыр да, биыл да бір ғана компания жеңіп алды.
Бөлім басшысының туысы сол компанияның директоры болып істейді. Шарттың көшірмесін тіркеп отырмын.

Ахметов Дәурен Серікұлы
Алматы қаласы, Сайын көшесі, 14-үй, 8-пәтер
тел. +7 701 000 00 11
""", {"files": [("шарт.pdf", "application/pdf", PDF)]}),
    ("2026-11-16T11:40", ("Ирина Соколова", "i.sokolova@example.org"), "О топливе на складе", """\
Здравствуйте!

Сообщаю, что заведующий складом в Талгаре продаёт казённый бензин на сторону. Каждую пятницу вечером во двор
заезжает белая «Газель», номер я записала. Сторож получает за молчание десять тысяч тенге.
Прикладываю фотографию накладной и снимок машины.

Соколова Ирина Павловна, бухгалтер
ул. Лесная, 5, город Талгар
+7 705 000 00 22
""", {"files": [("накладная.jpg", "image/jpeg", PICTURE), ("машина.jpg", "image/jpeg", PICTURE[:90000])]}),
    ("2026-11-17T08:55", ("", "user48151@example.net"), "сендерге", """\
Тағы бір рет тексеру келсе, сені өлтіремін, үйіңді өртеп жіберемін. Баларыңның қайда оқитынын білемін.
""", {}),
    ("2026-11-17T10:03", ("", "nobody-7@example.net"), "Без имени", """\
Прошу не раскрывать моё имя, ответ мне не нужен.

В отделе кадров за приём на работу берут триста тысяч тенге. Деньги передают наличными в кафе напротив.
Так приняли по меньшей мере троих за лето.
""", {}),
    ("2026-11-17T14:20", ("Nurlan Bekov", "n.bekov@example.com"), "Invoice for services never rendered", """\
Dear compliance officer,

Our branch paid 4.2 million tenge in September for a "staff training" that never took place. The invoice was signed by
the deputy head of the branch. I attach the invoice and the attendance sheet, on which my own signature is forged.

Nurlan Bekov, +7 702 000 00 33
""", {"files": [("invoice.pdf", "application/pdf", PDF), ("attendance.pdf", "application/pdf", PDF[:4000])]}),
    ("2026-11-17T16:31", ("АТС", "voicemail@pbx.kmo.kz"), "Новое голосовое сообщение от +77010000044", """\
Новое голосовое сообщение
От: +77010000044
Длительность: 0:02
""", {"files": [("msg0001.wav", "audio/wav", CALL)]}),
    ("2026-11-18T09:05", ("Гость", "gost@example.net"), "жалоба", """\
Вы там все дармоеды и твари продажные. Сволочи, чтоб вы сдохли. Третий месяц не могу получить пропуск!
""", {}),
    ("2026-11-18T09:48", ("Ermek", "ermek@example.kz"), "Айгүл Серікова туралы", """\
Айгүл Серікова менің былтырғы өтінішімді жауып тастады, өйткені бөлім бастығы оның туысы.
Өтінішімді қайта қарауды басқа адамға тапсыруыңызды сұраймын.

Ермек Сапаров
""", {}),
    ("2026-11-18T12:10", ("Скидки", "promo@example.biz"), "Скидки до 70 %!", """\
Только до пятницы! Офисные кресла от производителя. Отписаться: http://example.biz/u
""", {"headers": [("X-Spam-Flag", "YES"), ("Precedence", "bulk")]}),
    ("2026-11-18T15:27", ("Гүлнар Әбенова", "g.abenova@example.kz"), "Қабылдау туралы", """\
<html><body><p>Құрметті комплаенс қызметі!</p>
<p>Балабақшаға кезексіз қабылдау үшін <b>екі жүз мың теңге</b> сұрайды. Ақшаны меңгерушінің хатшысы алады.</p>
<table><tr><td>Күні</td><td>Сомасы</td></tr><tr><td>3 қараша</td><td>200 000</td></tr></table>
<p>Әбенова Гүлнар<br>+7 747 000 00 55</p><img src="http://example.kz/track.gif"></body></html>
""", {"html": True}),
    ("2026-11-19T08:40", ("Пётр Зимин", "zimin@example.org"), "Дорожные работы", """\
В сентябре подрядчик положил асфальт в один слой вместо двух, а акт подписан как за два. Акт подписал
инженер технического надзора. Участок: от поворота на посёлок до моста, четыре километра.

П. Зимин
""", {"charset": "koi8-r"}),
    ("2026-11-19T09:30", ("Сауле Ким", "s.kim@example.org"), "Записки за три года", "".join(f"""\
{n}. В {month} две тысячи двадцать {year} года на ремонт кабинета списано {17 + n * 13} тысяч тенге, хотя кабинет не
ремонтировали. Акт подписали трое, двое из них в тот день были в отпуске, как видно из приказов.
""" for n, (month, year) in enumerate(((m, y) for y in ("третьего", "четвёртого", "пятого") for m in (
        "январе", "феврале", "марте", "апреле", "мае", "июне", "июле", "августе", "сентябре", "октябре", "ноябре",
        "декабре")), 1)) + "\nСауле Ким\n", {}),
    ("2026-11-19T11:02", ("Почтовая система", "mailer@example.net"), "Автоответ: в отпуске", """\
Я в отпуске до первого декабря.
""", {"headers": [("Auto-Submitted", "auto-replied")]}),
    ("2026-11-19T13:15", ("Айжан Тұрсынова", "a.tursynova@example.kz"), "Жұмыс уақытының есебі", """\
Сәлеметсіз бе! Біздің бригадада үш адам жұмысқа шықпаса да, табельде толық күн қойылады.
Айлығын бригадир алады. Табельдің көшірмесі менде бар, кездескенде көрсетемін.

Тұрсынова Айжан, +7 700 000 00 66
""", {}),
    ("2026-11-19T15:50", ("Олег Демченко", "demchenko@example.org"), "Мне угрожают", """\
После моего обращения начальник участка сказал, что меня закопают в карьере, если я не заберу заявление.
Я боюсь за семью. Прошу помощи.

Демченко Олег, +7 707 000 00 77
""", {}),
    ("2026-11-20T08:30", ("Бақыт Оспанов", "b.ospanov@example.kz"), "Жер учаскесі", """\
Ауылдағы жайылым жері конкурссыз әкімнің танысына берілді. Шешімнің нөмірі мен күнін білемін.

Оспанов Бақыт Маратұлы, Жамбыл көшесі, 3
""", {}),
    ("2026-11-20T09:10", ("Марат", "marat@example.com"), "Охрана", """\
Охранник на втором посту пропускает машины без досмотра за две тысячи тенге. Смена со вторника на среду.
""", {}),
    ("2026-11-20T09:55", ("Лейла Ахметова", "l.akhmetova@example.org"), "Повторно: премии", """\
Уже писала летом. Премии в отделе получают только родственники начальника. Ответа я не получила.

Ахметова Лейла Тимуровна
""", {}),
    ("2026-11-20T10:05", ("Серік", "serik@example.kz"), "Рақмет", """\
Өткендегі өтінішім бойынша шара қолданылды, рақмет сіздерге!
""", {}),
    ("2026-11-20T10:20", ("Тимур Жаксыбеков", "t.zhaksybekov@example.org"), "Медосмотр", """\
Справку о медосмотре водителям продают за пять тысяч, врача никто не видит. Поэтому за руль садятся больные люди.

Жаксыбеков Тимур, водитель, +7 775 000 00 88
""", {}),
    ("2026-11-20T10:45", ("Құралай Нұрғалиева", "k.nurgalieva@example.kz"), "Тендер құжаттары", """\
Тендер құжаттарындағы техникалық сипаттама бір ғана зауыттың бұйымына сәйкес жазылған. Оны жазған адам сол зауытта
істеген. Қосымшада екі құжаттың салыстыруы бар.

Нұрғалиева Құралай
""", {"files": [("салыстыру.pdf", "application/pdf", PDF)]}),
]


def main():
    place = pathlib.Path(sys.argv[1])
    place.mkdir(parents=True, exist_ok=True)
    lines = []
    for number, (moment, who, subject, text, more) in enumerate(POST, 1):
        (place / f"{number:02}.eml").write_bytes(letter(number, who, subject, text, **more))
        lines.append(f"{number:02} {moment} {who[1]}\n")
    (place / "list").write_text("".join(lines), encoding="ascii")


if __name__ == "__main__":
    main()
